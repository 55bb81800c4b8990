import type { Attachments } from './attachments.ts'
import type { PartReaders } from './model-messages.ts'
import type { Json, Part } from './rows.ts'
import type { SessionParts } from './session-parts.ts'

/** Up to how many bytes of JSON the result of a tool is in the log. */
const largestInline = 64 * 1_024

/** Returns what a part of a tool call has of a result: it, or the attachment that it was stored as. */
export async function storeOutput(
  { attachments, redact }: Pick<SessionParts, 'attachments' | 'redact'>,
  part: Part,
  output: Json,
  signal: AbortSignal,
): Promise<Partial<Part>> {
  // Not all values are JSON: those are as the log has them.
  const length = new TextEncoder().encode(JSON.stringify(output) ?? '').length
  if (length <= largestInline) return { output }
  // The hook returns a row of the type that it is given.
  const written = redact
    ? (redact({ type: 'part', key: part.id, value: { ...part, output } }) as Partial<Part>).output
    : output
  const name = `${part.toolName ?? 'tool'}.json`
  const { id, size, mediaType } = await attachments.uploadJson(written, name, signal)
  return { attachment: id, size, mediaType }
}

/** Returns the result of a tool call; one that is an attachment as far as it was read here, or what tells of it. */
export function outputOf(
  { output, attachment, size }: Part,
  attachments: Pick<Attachments, 'knownJson'>,
): Json {
  if (attachment === undefined) return output
  const known = attachments.knownJson(attachment)
  return known === undefined ? { attachment, size } : known.value
}

/** Reads the large results of tools in a branch, so that messages for a model have them. What cannot be read is told of. */
export async function readOutputs(
  { thread, attachments }: Pick<SessionParts, 'thread' | 'attachments'>,
  branch: string | undefined,
): Promise<void> {
  const parts = thread.messagesOf(branch).flatMap((id) => thread.parts(id))
  const ids = parts.flatMap(({ kind, attachment }) =>
    kind === 'tool-call' && attachment !== undefined ? [attachment] : [],
  )
  await Promise.all(ids.map((id) => attachments.readJson(id).catch(() => undefined)))
}

/** Returns what messages for a model are read with. An attachment whose row is not here has no URL. */
export function partReaders({ db, attachments }: Pick<SessionParts, 'db' | 'attachments'>): PartReaders {
  return {
    urlOf: (id) => (db.collections.attachments.has(id) ? attachments.url(id) : ''),
    outputOf: (part) => outputOf(part, attachments),
  }
}
