import type { UIMessage } from 'ai'
import type { AgentRun } from '../agent-run.ts'
import type { Attachments } from '../attachments.ts'
import type { NewPart, Part } from '../rows.ts'
import { bytesOf, isLargeDataUrl, toDataUrl } from '../tool-outputs.ts'
import { toNewPart } from './user-parts.ts'

/** Stores the files of messages that a chat sends beside the log, where they are too large for it: each once. */
export class StoredFiles {
  readonly #attachments: Pick<Attachments, 'upload' | 'url'>
  /** By `data:` URL, the part that names where its bytes are: a chat may send a message again. */
  readonly #stored = new Map<string, Promise<NewPart>>()

  constructor(attachments: Pick<Attachments, 'upload' | 'url'>) {
    this.#attachments = attachments
  }

  /** Resolves with the parts as they are written; `known`: those of the message that is there already. */
  store(
    parts: readonly NewPart[],
    known: readonly Part[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<NewPart[]> {
    return Promise.all(parts.map((part) => this.#storeOne(part, known, signal)))
  }

  async #storeOne(
    part: NewPart,
    known: readonly Part[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<NewPart> {
    const { kind, url } = part
    if (kind !== 'file' || url === undefined) return part
    if (isLargeDataUrl(url)) return this.#stored.get(url) ?? this.#upload(part, url, signal)
    const row = known?.find((each) => each.attachment !== undefined && this.#urlOf(each.attachment) === url)
    return row === undefined ? part : toNewPart(row)
  }

  #upload(part: NewPart, url: string, signal: AbortSignal | undefined): Promise<NewPart> {
    const { bytes, mediaType } = bytesOf(url)
    const { url: _url, ...rest } = part
    const options = { name: part.name ?? 'file', mediaType: part.mediaType ?? mediaType, signal }
    const stored = this.#attachments
      .upload(bytes, options)
      .then(({ id, size, name }) => toNewPart({ ...rest, name, size, attachment: id }))
    this.#stored.set(url, stored)
    stored.catch(() => this.#stored.delete(url))
    return stored
  }

  #urlOf(attachment: string): string | undefined {
    try {
      return this.#attachments.url(attachment)
    } catch {
      // Its row was removed.
      return undefined
    }
  }
}

/**
 * Returns messages in which the files that are beside the session's log are data: a provider cannot read the stream server. One
 * that cannot be read stays a URL.
 */
export async function withFiles<Message extends UIMessage>(
  messages: readonly Message[],
  { collections, attachments }: Pick<AgentRun, 'collections' | 'attachments'>,
): Promise<Message[]> {
  const byUrl = new Map([...collections.attachments.values()].map((row) => [attachments.url(row.id), row]))
  const toData = async (part: Message['parts'][number]): Promise<Message['parts'][number]> => {
    const row = part.type === 'file' ? byUrl.get(part.url) : undefined
    if (part.type !== 'file' || row === undefined) return part
    const bytes = await attachments.read(row.id).catch(() => undefined)
    return bytes === undefined ? part : { ...part, url: toDataUrl(bytes, part.mediaType) }
  }
  return Promise.all(
    messages.map(async (message) =>
      message.parts.some(({ type }) => type === 'file')
        ? { ...message, parts: await Promise.all(message.parts.map(toData)) }
        : message,
    ),
  )
}
