import { pageIdOf } from './stream-id.ts'

/** The head of a response: facts on the log, and on the position behind the response. */
export interface PageHead {
  readonly status: number
  /** The offset of the next read: `Stream-Next-Offset`; absent if the server does not send it, or a browser hides it. */
  readonly offset: string | undefined
  /** The response reaches the end of the log: `Stream-Up-To-Date`. */
  readonly upToDate: boolean
  /** No more will be appended: `Stream-Closed`. */
  readonly closed: boolean
  /** What caches on the way collapse requests by: `Stream-Cursor`. */
  readonly cursor: string | undefined
  /** The identity of the stream at this URL: `Stream-Incarnation`, or else the id in the ETag of a page. */
  readonly streamId: string | undefined
  /** Without parameters, in lower case. */
  readonly contentType: string | undefined
}

/** The headers that a server must expose to pages of another origin. */
export const readHeaders = 'Stream-Next-Offset, Stream-Up-To-Date, Stream-Closed, Stream-Cursor'

/** Reads the head of a response. */
export function parsePageHead(status: number, headers: Headers): PageHead {
  const text = (name: string): string | undefined => headers.get(name)?.trim() || undefined
  const offset = text('stream-next-offset')
  return {
    status,
    offset,
    upToDate: isSet(text('stream-up-to-date')),
    closed: isSet(text('stream-closed')),
    cursor: text('stream-cursor'),
    streamId: text('stream-incarnation') ?? pageIdOf(text('etag'), offset),
    contentType: text('content-type')?.split(';')[0]?.trim().toLowerCase(),
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.toLowerCase() !== 'false'
}
