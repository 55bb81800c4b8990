/** A row as it is where a condition did not hold; without `row` and `version` there is none. */
export interface CurrentRow {
  readonly type: string
  readonly key: string
  /** The row's value, as JSON. */
  readonly row?: unknown
  /** As `rowVersion` of `@streamdb/state` has it. */
  readonly version?: string | undefined
}

/** Why a server refused a write, where it says so by its code: a gateway of `@streamdb/server`, for example. */
export interface WriteRefusal {
  /** A word that programs branch on, such as `forbidden`, `schema` or `conflict`. */
  readonly code: string
  /** A sentence for people. */
  readonly message: string
  /** A JSON Pointer into the event that was refused, such as `/value/text`. */
  readonly path?: string | undefined
  /** Of a `conflict`: what is there now, for those who may read. */
  readonly current?: CurrentRow | undefined
}

/** A refusal as it is answered, with the transaction that is at fault among those of the request. */
export interface AnsweredRefusal {
  readonly reason: WriteRefusal
  readonly txid: string | undefined
}

/** Reads the body of a refusal, `{ error: { code, message, path?, txid? } }`; nothing where it is another one. */
export function parseRefusal(body: unknown): AnsweredRefusal | undefined {
  const { error } = Object(body) as { readonly error?: unknown } // looked at, whatever it is
  const { code, message, path, txid, current } = Object(error) as Readonly<Record<string, unknown>> // as above
  if (!isText(code) || !isText(message)) return undefined
  return {
    reason: { code, message, ...(isText(path) && { path }), ...(isCurrentRow(current) && { current }) },
    txid: isText(txid) ? txid : undefined,
  }
}

function isCurrentRow(value: unknown): value is CurrentRow {
  const { type, key, version } = Object(value) as Readonly<Record<string, unknown>> // as above
  return isText(type) && isText(key) && (version === undefined || isText(version))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
