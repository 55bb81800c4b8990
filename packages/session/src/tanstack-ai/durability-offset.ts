import { SessionError } from '../errors.ts'

const prefix = 'streamdb:v1:'

/** An entry of a run's log: the run, and the entry's number, from 1. */
export interface DurableOffset {
  readonly runId: string
  readonly seq: number
}

/** Returns the name of an entry that clients resume behind. */
export function encodeOffset({ runId, seq }: DurableOffset): string {
  return `${prefix}${encodeURIComponent(runId)}:${seq}`
}

/** Returns the entry that an offset names. Throws `invalid-options` for one that `encodeOffset` has not made. */
export function decodeOffset(offset: string): DurableOffset {
  const end = offset.lastIndexOf(':')
  const text = offset.slice(end + 1)
  const seq = Number(text)
  if (
    offset.startsWith(prefix) &&
    end > prefix.length &&
    /^[1-9]\d*$/.test(text) &&
    Number.isSafeInteger(seq)
  ) {
    return { runId: decodeURIComponent(offset.slice(prefix.length, end)), seq }
  }
  throw new SessionError(
    'invalid-options',
    `streamDurability: expected an offset that it has given, received ${JSON.stringify(offset)}`,
  )
}

/** Returns what a request resumes behind: `Last-Event-ID`, or `?offset`. */
export function requestedOffset(request: Request): string | undefined {
  return request.headers.get('Last-Event-ID') ?? new URL(request.url).searchParams.get('offset') ?? undefined
}

/** Returns the run that a request names: `X-Run-Id`, or `?runId`. */
export function requestedRun(request: Request): string | undefined {
  const named = request.headers.get('X-Run-Id') ?? new URL(request.url).searchParams.get('runId')
  return named === null || named === '' ? undefined : named
}
