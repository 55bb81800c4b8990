import { SessionError } from './errors.ts'
import { received } from './received.ts'
import type { NewPart, Part } from './rows.ts'

/** What a message is made of: a text, or parts. */
export type Content = string | NewPart | readonly NewPart[]

/** Returns the parts of what a participant writes. Throws `invalid-options` for content without any. */
export function toNewParts(content: Content): readonly NewPart[] {
  const parts = typeof content === 'string' ? [{ text: content }] : isList(content) ? content : [content]
  if (parts.length === 0) {
    throw new SessionError(
      'invalid-options',
      'A message needs a part: expected a text, or an array of parts, received an empty array',
    )
  }
  for (const part of parts) checkPart(part)
  return parts
}

/** What a part can say: one of these at least. */
const contents = ['text', 'url', 'attachment', 'data'] as const

function checkPart(part: unknown): void {
  const given: Partial<NewPart> = Object(part) as NewPart // callers without types
  const { text = '', kind = 'text' } = given
  const says = kind !== 'text' || contents.some((name) => given[name] !== undefined)
  if (says && typeof text === 'string') return
  throw new SessionError(
    'invalid-options',
    `A part of a message needs a text, a url, an attachment or data: expected { text: 'Hello' }, for example, received ${received(part)}`,
  )
}

/** Returns the rows of a message's parts. */
export function toPartRows(message: string, parts: readonly NewPart[]): Part[] {
  return parts.map((part, index) => ({
    ...withoutOwnUrl(part),
    id: `${message}.${index}`,
    message,
    index,
    kind:
      part.kind ??
      (part.data !== undefined
        ? 'data'
        : part.url !== undefined || part.attachment !== undefined
          ? 'file'
          : 'text'),
    state: 'done',
  }))
}

/** Where an attachment is follows from its row, also when the session was moved: the part does not say it again. */
function withoutOwnUrl(part: NewPart): NewPart {
  if (part.attachment === undefined) return part
  const { url: _url, ...rest } = part
  return rest
}

function isList(content: Exclude<Content, string>): content is readonly NewPart[] {
  return Array.isArray(content)
}
