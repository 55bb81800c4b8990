/** What a stream of a session is: its log, who is there, or the bytes of an attachment. */
export type StreamKind = 'session' | 'presence' | 'file'

/** Where a stream belongs. */
export interface StreamPlace {
  /** The name of the session's own stream. */
  readonly session: string
  readonly kind: StreamKind
}

/** Returns where a stream belongs by its name: `rooms/1`, `rooms/1/presence` and `rooms/1/files/x` are of one session. */
export function placeOfStream(stream: string): StreamPlace {
  const [, session, rest] = /^(.+?)\/(presence|files\/[^/]+)$/.exec(stream) ?? []
  if (session === undefined) return { session: stream, kind: 'session' }
  return { session, kind: rest === 'presence' ? 'presence' : 'file' }
}
