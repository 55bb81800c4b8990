import type { StateDefinition } from '@streamdb/state'
import { authorizedReader } from './authorize-reader.ts'
import type { LiveReads } from './live-reads.ts'
import type { StreamHandlerOptions } from './options.ts'
import type { Principal } from './principal.ts'
import type { ReadLife } from './proxy-read.ts'
import { Refusal } from './refusal.ts'
import { settleInTime } from './settle-in-time.ts'
import type { StreamName } from './stream-name.ts'

/** What asking again works with. */
export interface AllowedReadOptions<State extends StateDefinition, User extends Principal> {
  readonly options: StreamHandlerOptions<State, User>
  readonly liveReads: LiveReads
  /** After how many milliseconds it is asked again. */
  readonly after: number
  /** How long the answer may take, in milliseconds. */
  readonly timeout: number
  readonly report: (error: unknown) => void
}

/**
 * Reads as long as the rules allow it: they are called at the beginning, and at intervals until the read is over. Throws a refusal
 * if the user may not read; a read that has begun is ended. A rule that throws, or does not settle, allows nothing.
 */
export async function readWhileAllowed<State extends StateDefinition, User extends Principal>(
  { request, stream }: { readonly request: Request; readonly stream: StreamName },
  { options, liveReads, after, timeout, report }: AllowedReadOptions<State, User>,
  read: (life: ReadLife) => Promise<Response>,
): Promise<Response> {
  let user: string
  let checks: number
  do {
    checks = liveReads.checks
    user = (await authorizedReader(request, stream, options)).id
  } while (checks !== liveReads.checks)
  const ended = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false

  const check = async (): Promise<boolean> => {
    try {
      const reader = await settleInTime('authenticate or authorizeRead', timeout, () =>
        authorizedReader(request, stream, options),
      )
      // The credentials may belong to another user by now: a cookie, for example.
      user = reader.id
      return false
    } catch (error) {
      if (isOver) return false
      if (!(error instanceof Refusal)) report(error)
      ended.abort(error instanceof Refusal ? error : undecided())
      return true
    }
  }
  const added = liveReads.add({ stream: stream.log, check, userOf: () => user })
  const schedule = (share: number): void => {
    if (isOver || after === Infinity) return
    // Longer than a timer can count would fire at once.
    timer = setTimeout(
      () => void check().then((isEnded) => isEnded || schedule(1)),
      Math.min(after * share, 2 ** 31 - 1),
    )
  }
  const onSettled = (): void => {
    isOver = true
    clearTimeout(timer)
    added.settle()
  }
  const onOver = (): void => {
    onSettled()
    added.end()
  }
  // Those that began at once, as the server was started again, are not asked about at once.
  schedule(0.5 + Math.random() / 2)
  try {
    return await read({ ended: ended.signal, onSettled, onOver })
  } catch (error) {
    onOver()
    throw error
  }
}

function undecided(): Refusal {
  const message = 'The server could not decide about the read.'
  return new Refusal({ status: 503, code: 'undecided', message, headers: { 'retry-after': '1' } })
}
