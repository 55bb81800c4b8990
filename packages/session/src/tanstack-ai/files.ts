import type { ContentPart, ModelMessage, UIMessage } from '@tanstack/ai/client'
import type { Attachments } from '../attachments.ts'
import type { Attachment, NewPart } from '../rows.ts'

type File = Exclude<ContentPart, { type: 'text' }>

/** A file that is larger, in characters of base64, is no part of the log: it is stored as an attachment. */
const inlineSize = 16 * 1024

/** Returns the files of a message that are to be uploaded. */
export function largeFiles({ parts }: Pick<UIMessage, 'parts'>): File[] {
  return parts.flatMap((part) =>
    part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'document'
      ? part.source.type === 'data' && part.source.value.length > inlineSize
        ? [part]
        : []
      : [],
  )
}

/** Whether there is something to upload. */
export function hasLargeFiles(messages: readonly UIMessage[]): boolean {
  return messages.some((message) => largeFiles(message).length > 0)
}

/** Uploads a file; resolves with the part that names it. Rejects as `session.attachments.upload` does. */
export async function uploadFile(
  attachments: Attachments,
  { type, source, metadata }: File,
): Promise<NewPart> {
  const mediaType = source.mimeType ?? 'application/octet-stream'
  const bytes = Uint8Array.from(atob(source.value), (character) => character.charCodeAt(0))
  const { id, size, name } = await attachments.upload(bytes, { name: type, mediaType })
  return {
    ...{ kind: 'file', mediaType, size, name, attachment: id },
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** Returns messages in which the files that were uploaded to the session are data: a provider cannot read the stream server. */
export async function withUploads(
  messages: readonly ModelMessage[],
  uploads: Iterable<Attachment>,
  { url, read }: { readonly url: (id: string) => string; readonly read: (id: string) => Promise<Uint8Array> },
): Promise<ModelMessage[]> {
  const byUrl = new Map([...uploads].map((upload) => [url(upload.id), upload]))
  const toData = async (part: ContentPart): Promise<ContentPart> => {
    const upload =
      part.type === 'text' || part.source.type !== 'url' ? undefined : byUrl.get(part.source.value)
    if (part.type === 'text' || upload === undefined) return part
    const value = toBase64(await read(upload.id))
    return { ...part, source: { type: 'data', value, mimeType: upload.mediaType } }
  }
  return Promise.all(
    messages.map(async (message) =>
      Array.isArray(message.content)
        ? { ...message, content: await Promise.all(message.content.map(toData)) }
        : message,
    ),
  )
}

function toBase64(bytes: Uint8Array): string {
  let text = ''
  // An argument list has a limit.
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  }
  return btoa(text)
}
