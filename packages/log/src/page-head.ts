import { pageIdOf } from './stream-id.ts'

/** What the head of a response says about the log and about the position behind the response. */
export interface PageHead {
  readonly status: number
  /** Where reading goes on: `Stream-Next-Offset`; absent where the server does not say, or a browser hides it. */
  readonly offset: string | undefined
  /** The response reaches the end of the log: `Stream-Up-To-Date`. */
  readonly upToDate: boolean
  /** No more will be appended: `Stream-Closed`. */
  readonly closed: boolean
  /** What caches on the way collapse requests by: `Stream-Cursor`. */
  readonly cursor: string | undefined
  /** Which of the streams that a URL had this is: `Stream-Incarnation`, or else what the ETag of a page says. */
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
