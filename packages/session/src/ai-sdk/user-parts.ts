import type { FileUIPart, UIMessage } from 'ai'
import type { NewPart, Part } from '../rows.ts'
import { toolkit } from './marks.ts'

type UIPart = UIMessage['parts'][number]

/** Returns the parts of a message that a participant wrote in the toolkit's shape, as a session has them. */
export function toNewParts(message: Pick<UIMessage, 'parts'>): NewPart[] {
  return message.parts.map((part): NewPart => {
    const { row, rest } = split(part)
    return Object.keys(rest).length === 0 ? row : { ...row, metadata: { aiSdkPart: rest } }
  })
}

function split(part: UIPart): { readonly row: NewPart; readonly rest: object } {
  // The fields of a data part depend on its name.
  const { type, ...fields } = part as { readonly type: string; readonly data?: unknown }
  if (part.type === 'text') {
    const { type: _type, text, ...rest } = part
    return { row: { kind: 'text', text }, rest }
  }
  if (part.type === 'file') {
    const { type: _type, url, mediaType, filename, ...rest } = part
    return {
      row: { kind: 'file', url, mediaType, ...(filename === undefined ? {} : { name: filename }) },
      rest,
    }
  }
  if (type.startsWith('data-')) {
    const { data, ...rest } = fields
    return { row: { kind: 'data', name: type.slice('data-'.length), data }, rest }
  }
  return { row: { kind: 'raw', name: toolkit }, rest: part }
}

/** Returns a part that a participant wrote, in the toolkit's shape; `undefined` for what it has no shape for. */
export function toUserPart(
  part: Part,
  urlOf: (attachment: string) => string | undefined,
): UIPart | undefined {
  const rest = restOf(part)
  const { text = '', mediaType = 'application/octet-stream', name, attachment, data } = part
  switch (part.kind) {
    case 'text':
    case 'reasoning':
      return { ...rest, type: part.kind, text }
    case 'file': {
      const url = part.url ?? (attachment === undefined ? undefined : urlOf(attachment))
      if (url === undefined) return undefined
      const file: FileUIPart = { ...rest, type: 'file', url, mediaType }
      return name === undefined ? file : { ...file, filename: name }
    }
    case 'data':
      return { ...rest, type: `data-${name ?? 'data'}`, data }
    case 'raw':
      // It was written as a part of the toolkit's.
      return part.name === toolkit && 'type' in rest ? (rest as UIPart) : undefined
    case 'source':
      return part.url === undefined
        ? undefined
        : { ...rest, type: 'source-url', sourceId: part.id, url: part.url }
    case 'tool-call':
      return undefined
  }
}

/** Returns a row as its writer gave it. */
export function toNewPart({
  kind,
  text,
  url,
  mediaType,
  name,
  size,
  attachment,
  data,
  metadata,
}: NewPart): NewPart {
  const fields = { kind, text, url, mediaType, name, size, attachment, data, metadata }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function restOf({ metadata }: Pick<Part, 'metadata'>): object {
  const rest: unknown =
    typeof metadata === 'object' && metadata !== null && Reflect.get(metadata, 'aiSdkPart')
  return typeof rest === 'object' && rest !== null ? rest : {}
}
