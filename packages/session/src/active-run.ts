import { delay, linkSignals } from '@streamdb/log'
import type { ResolvedAgentOptions } from './agent-options.ts'
import { AgentRun } from './agent-run.ts'
import { firstDecision } from './decisions.ts'
import { SessionError } from './errors.ts'
import type { HeldRun } from './held-run.ts'
import type { Part, Run } from './rows.ts'
import { countedAttempts } from './run-states.ts'
import { sessionState } from './session-state.ts'
import type { SessionParts } from './session-parts.ts'
import { readOutputs } from './tool-outputs.ts'

/** How long a handler is waited for that was told to end, in milliseconds. */
const grace = 250

/** A run that this process works on, from its claim to its end. */
export class ActiveRun {
  readonly #session: SessionParts
  readonly #held: HeldRun
  readonly #options: ResolvedAgentOptions
  readonly #ending = new AbortController()

  constructor(session: SessionParts, held: HeldRun, options: ResolvedAgentOptions) {
    this.#session = session
    this.#held = held
    this.#options = options
    held.lost.addEventListener('abort', () => this.stop(held.lost.reason as SessionError)) // the error that it was stopped with
  }

  get row(): Run {
    return this.#held.row
  }

  /** Tells the handler to end, with the reason. */
  stop(reason: SessionError): void {
    this.#ending.abort(reason)
  }

  /** Runs the handler, as often as the budget allows, and writes how it ended. Never rejects. */
  async work(): Promise<void> {
    const release = this.#session.leases.hold()
    const watching = new AbortController()
    const closing = linkSignals([watching.signal, this.#session.closing.signal])
    this.#watchCancel(closing.signal)
    try {
      while (!(await this.#attempt()));
    } catch (error) {
      // Whoever holds it now, or finds it interrupted, goes on. Here nobody waits for it any more.
      if (!isLost(error)) await this.#giveUp(error)
    } finally {
      watching.abort()
      closing.unlink()
      release()
    }
  }

  /** Something of the end cannot be written, a row that was refused for example: the run ends without it. */
  async #giveUp(error: unknown): Promise<void> {
    this.#options.onError?.(error)
    const reason = `Its end could not be written: ${error instanceof Error ? error.message : String(error)}`
    const end = { status: 'failed', code: 'handler-failed', reason } as const
    await this.#held.end(end, []).catch(() => undefined)
  }

  #watchCancel(signal: AbortSignal): void {
    firstDecision(this.#session, this.row.id, signal).then(
      ({ actor, reason }) => this.stop(new SessionError('cancelled', reason ?? `${actor} cancelled the run`)),
      () => undefined,
    )
  }

  /** Runs the handler once; resolves with whether the run is over. */
  async #attempt(): Promise<boolean> {
    const { signal } = this.#ending
    const failing = new AbortController()
    const run: AgentRun = new AgentRun({
      ...{ session: this.#session, held: this.#held, deltas: this.#options.deltas },
      // Not unlinked: what the handler left running is told of the end of the run as well.
      signal: linkSignals([signal, failing.signal]).signal,
      handOver: () => this.#handOver(run),
    })
    const failure = await this.#handle(run, signal)
    await run.stored()
    if (signal.aborted) {
      await this.#endBy(signal.reason as SessionError, run.settleOpen('interrupted')) // what `stop` was called with
      return true
    }
    if (failure === undefined) {
      const open = run.settleOpen('done')
      failing.abort(new SessionError('run-over', `The run "${this.row.id}" has ended: it is done`))
      await this.#held.end({ status: 'done' }, open)
      return true
    }
    // What the handler has begun and not awaited is not to write any more.
    failing.abort(failure.error)
    return this.#retry(failure.error, run)
  }

  /** Resolves with what the handler threw, if it did; at the end of the grace where it is told to end and does not. */
  async #handle(run: AgentRun, signal: AbortSignal): Promise<{ readonly error: unknown } | undefined> {
    const handled = Promise.resolve()
      .then(() => readOutputs(this.#session, this.row.branch))
      .then(() => this.#options.handle(run))
      .then(() => run.finished())
      .then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
    const told = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined)
      signal.addEventListener('abort', () => setTimeout(() => resolve(undefined), grace), { once: true })
    })
    return Promise.race([handled, told])
  }

  async #retry(error: unknown, run: AgentRun): Promise<boolean> {
    const { maxAttempts, retryDelay, onError } = this.#options
    const attempt = countedAttempts(this.row)
    onError?.(error)
    const code = error instanceof SessionError ? error.code : 'handler-failed'
    const isFinal = code === 'denied' || code === 'expired'
    if (isFinal || attempt >= maxAttempts) {
      const reason = error instanceof Error ? error.message : String(error)
      const open = run.settleOpen('failed')
      const spent = !isFinal && maxAttempts > 1
      await this.#held.end({ status: 'failed', code: spent ? 'budget-spent' : code, reason }, open)
      return true
    }
    const open = run.settleOpen('failed')
    const { signal } = this.#ending
    await delay(retryDelay * 2 ** (attempt - 1), signal)
    if (signal.aborted) {
      // No other attempt takes away what this one has begun: it is settled with the end.
      await this.#endBy(signal.reason as SessionError, open) // as above
      return true
    }
    await this.#held.beginAttempt(this.row.attempt + 1)
    return false
  }

  /** Writes the end of a run that was told to end. */
  async #endBy(error: SessionError, open: readonly Part[]): Promise<void> {
    const { code, message: reason } = error
    if (code === 'lease-lost') return
    if (code === 'closed') {
      // Handed over: another process goes on.
      await this.#interrupt(open, reason)
      return
    }
    const status = code === 'superseded' ? 'superseded' : 'cancelled'
    await this.#held.end({ status, code, reason }, open)
  }

  async #interrupt(open: readonly Part[], reason: string): Promise<void> {
    const { freeAttempts = 0 } = this.row
    await this.#held.append([
      ...open.map((part) => sessionState.parts.update({ value: part })),
      this.#held.change({
        ...{ status: 'interrupted', code: 'handed-over', reason },
        ...(this.#held.hasProgress ? { freeAttempts: freeAttempts + 1 } : {}),
      }),
    ])
  }

  async #handOver(run: AgentRun): Promise<void> {
    await this.#interrupt(run.settleOpen('interrupted'), 'Its holder gave it to another process')
    this.stop(new SessionError('lease-lost', `The run "${this.row.id}" was handed over`))
  }
}

function isLost(error: unknown): boolean {
  return error instanceof SessionError && (error.code === 'lease-lost' || error.code === 'closed')
}
