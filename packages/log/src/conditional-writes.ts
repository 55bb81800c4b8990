import type { ChangeEvent } from '@streamdb/state'
import { StreamDBError } from './errors.ts'

/**
 * The content type of writes with conditions (`headers.expect`). A stream server without a gateway ignores conditions, and
 * would store such a write in any case; it refuses a content type that differs from the stream's (the protocol's 409). A write
 * gateway accepts it as JSON, and checks the conditions.
 */
export const conditionalContentType = 'application/vnd.streamdb.conditional+json'

/**
 * The content type of calls of server actions: `{ action, txid, params }`. Of another content type than the stream's too, so that a
 * stream server does not store one.
 */
export const actionContentType = 'application/vnd.streamdb.action+json'

/** Whether events carry conditions on rows. */
export function isConditional(events: readonly Pick<ChangeEvent, 'headers'>[]): boolean {
  return events.some(({ headers }) => headers['expect'] !== undefined)
}

/** Returns the content type of a request, by whether one of its writes has conditions. */
export function contentTypeOf(
  writes: readonly { readonly isConditional?: boolean | undefined }[],
  contentType: string,
): string {
  return writes.some((write) => write.isConditional === true) ? conditionalContentType : contentType
}

/** Returns the error of a conditional write that was refused because there is no gateway; any other error unchanged. */
export function explainUndecided(
  error: StreamDBError,
  contentType: string | undefined,
  url: string,
): StreamDBError {
  const { status, body } = error
  const isMismatch = (status === 409 || status === 415) && /content.type.mismatch/i.test(textOf(body))
  const missing = whatIsMissing.get(contentType)
  if (!isMismatch || missing === undefined) return error
  return new StreamDBError(
    'write-failed',
    `The server of ${url} ${missing}: nothing was written. ` +
      'Write through createStreamHandler of @streamdb/server',
    { cause: error, status, body, reason: { code: 'no-gateway', message: `The server ${missing}.` } },
  )
}

const whatIsMissing: ReadonlyMap<string | undefined, string> = new Map([
  [conditionalContentType, 'decides no conditions (`expect`)'],
  [actionContentType, 'runs no server actions'],
])

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : (JSON.stringify(body) ?? '')
}
