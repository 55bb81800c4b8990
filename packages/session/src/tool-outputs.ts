import type { Attachments } from './attachments.ts'
import type { PartReaders } from './model-messages.ts'
import { redactRow } from './redaction.ts'
import type { Json, Part } from './rows.ts'
import type { SessionParts } from './session-parts.ts'

/** Up to how many bytes the result of a tool, as JSON, and a `data:` URL of a file are in the log. */
const largestInline = 64 * 1_024

/** Tells whether what a part holds is too large for the log. */
export function isLarge({ kind, output, url }: Part): boolean {
  if (kind === 'file') return isLargeDataUrl(url)
  return kind === 'tool-call' && isLargeJson(output)
}

/** Tells whether a value is too large for the log. */
export function isLargeJson(value: Json): boolean {
  if (value === undefined) return false
  // Not all values are JSON: those are as the log has them.
  const text = JSON.stringify(value) ?? ''
  return text.length > largestInline || new TextEncoder().encode(text).length > largestInline
}

/** Tells whether a file's URL holds its bytes, and is too large for the log. */
export function isLargeDataUrl(url: string | undefined): boolean {
  return url !== undefined && url.length > largestInline && url.startsWith('data:')
}

/** Stores what is too large for the log as an attachment; resolves with the part as the log has it. */
export async function storeLarge(
  { attachments, redact }: Pick<SessionParts, 'attachments' | 'redact'>,
  part: Part,
  signal: AbortSignal,
): Promise<Part> {
  const written = redactRow(redact, 'part', part.id, part)
  const { output, url, ...rest } = written
  if (part.kind === 'file') {
    if (url === undefined || !isLargeDataUrl(url)) return written
    const { bytes, mediaType } = bytesOf(url)
    const name = part.name ?? 'file'
    const stored = await attachments.upload(bytes, { name, mediaType: part.mediaType ?? mediaType, signal })
    return { ...rest, attachment: stored.id, mediaType: stored.mediaType, name, size: stored.size }
  }
  const { id, size, mediaType } = await attachments.uploadJson(
    output,
    `${part.toolName ?? 'tool'}.json`,
    signal,
  )
  return { ...rest, attachment: id, size, mediaType }
}

/** Returns what a `data:` URL holds. */
export function bytesOf(url: string): { readonly bytes: Uint8Array; readonly mediaType: string } {
  const comma = url.indexOf(',')
  const head = url.slice('data:'.length, comma)
  const mediaType = head.split(';')[0] || 'text/plain'
  const body = url.slice(comma + 1)
  if (!head.endsWith(';base64'))
    return { bytes: new TextEncoder().encode(decodeURIComponent(body)), mediaType }
  return { bytes: Uint8Array.from(atob(body), (character) => character.charCodeAt(0)), mediaType }
}

/** Returns bytes as a `data:` URL. */
export function toDataUrl(bytes: Uint8Array, mediaType: string): string {
  let text = ''
  // An argument list has a limit.
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return `data:${mediaType};base64,${btoa(text)}`
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

/** Returns the attachments that hold results of tool calls and were not read here. */
export function unreadOutputs(
  parts: readonly Part[],
  attachments: Pick<Attachments, 'knownJson'>,
): readonly string[] {
  return parts.flatMap(({ kind, attachment }) =>
    kind === 'tool-call' && attachment !== undefined && attachments.knownJson(attachment) === undefined
      ? [attachment]
      : [],
  )
}

/** Reads the large results of tools in a branch, so that messages for a model have them. What cannot be read is told of. */
export async function readOutputs(
  { thread, attachments }: Pick<SessionParts, 'thread' | 'attachments'>,
  branch: string | undefined,
): Promise<void> {
  const parts = thread.messagesOf(branch).flatMap((id) => thread.parts(id))
  const ids = unreadOutputs(parts, attachments)
  await Promise.all(ids.map((id) => attachments.readJson(id).catch(() => undefined)))
}

/**
 * Reads results of tools that are attachments, for those who show them: each is tried once, and is told of by what it is where it
 * cannot be read.
 */
export class OutputReader {
  readonly #attachments: Pick<Attachments, 'knownJson' | 'readJson'>
  readonly #onRead: () => void
  readonly #tried = new Set<string>()
  readonly #reading = new Set<string>()

  /** `onRead` is called when one was read, or could not be. */
  constructor(attachments: Pick<Attachments, 'knownJson' | 'readJson'>, onRead: () => void) {
    this.#attachments = attachments
    this.#onRead = onRead
  }

  /** Begins to read what is not read of a message; returns whether there is anything to wait for. */
  isReading(parts: readonly Part[]): boolean {
    const unread = unreadOutputs(parts, this.#attachments)
    for (const id of unread) {
      if (this.#tried.has(id)) continue
      this.#tried.add(id)
      this.#reading.add(id)
      const done = (): void => {
        this.#reading.delete(id)
        this.#onRead()
      }
      this.#attachments.readJson(id).then(done, done)
    }
    return unread.some((id) => this.#reading.has(id))
  }
}

/** Returns what messages for a model are read with. An attachment whose row is not here has no URL. */
export function partReaders({ db, attachments }: Pick<SessionParts, 'db' | 'attachments'>): PartReaders {
  return {
    urlOf: (id) => (db.collections.attachments.has(id) ? attachments.url(id) : ''),
    outputOf: (part) => outputOf(part, attachments),
  }
}
