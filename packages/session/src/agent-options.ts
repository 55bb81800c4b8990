import { SessionError } from './errors.ts'
import type { AgentRun } from './agent-run.ts'
import type { DeltaTimes } from './delta-writer.ts'

/**
 * What starts an agent: a mention, by whomever; every message of a person; the answer to a tool call of a run that has ended; a
 * schedule, by milliseconds. That it is asked to answer again, and messages that were queued, always do.
 */
export type AgentTrigger = 'mention' | 'message' | 'tool-result' | { readonly every: number }

/**
 * What happens to messages that arrive while the agent works in their branch. `queue`: one run each, one after another.
 * `latest`: the run is superseded by one for the newest. `merge`: one run for all of them, afterwards. `drop`: they get none.
 * `debounce`: as `merge`, and the agent waits until nobody has written for a while. A run that waits for a decision holds
 * nothing up.
 */
export type Concurrency = 'queue' | 'latest' | 'merge' | 'drop' | 'debounce'

/** Options of `session.agent`. */
export interface AgentOptions {
  /** The agent's id: processes that run the same name share its work. */
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** Default: every message of a person, and mentions. */
  readonly triggers?: readonly AgentTrigger[] | undefined
  /** Answers. When it returns, the run is done; when it throws, it is tried again, as far as the budget allows. */
  readonly handle: (run: AgentRun) => unknown
  /** Default: `queue`. */
  readonly concurrency?: Concurrency | undefined
  /** How long `debounce` waits for more, in milliseconds. Default 500. */
  readonly debounce?: number | undefined
  /**
   * How often a run is tried, deaths of its process included. It does not count that a run is handed over on purpose while it waits
   * for a decision, or after it has completed a step. Default 3.
   */
  readonly maxAttempts?: number | undefined
  /** How long it waits before the second attempt, in milliseconds; twice as long before each further one. Default 1,000. */
  readonly retryDelay?: number | undefined
  /** How many agents may answer each other after a person's message. Default 4. */
  readonly maxDepth?: number | undefined
  readonly deltas?: DeltaTimes | undefined
  /** Given what the agent fails with, beside the run's row. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Options with their defaults. */
export interface ResolvedAgentOptions extends AgentOptions {
  readonly concurrency: Concurrency
  readonly debounce: number
  readonly maxAttempts: number
  readonly retryDelay: number
  readonly maxDepth: number
  readonly triggers: readonly AgentTrigger[]
}

/** Checks the options of an agent. Throws `invalid-options`. */
export function resolveAgentOptions(options: AgentOptions): ResolvedAgentOptions {
  const { name, handle } = options as Partial<AgentOptions> // callers without types
  if (typeof name !== 'string' || name === '' || typeof handle !== 'function') {
    throw new SessionError('invalid-options', 'session.agent: expected a name and a function `handle`')
  }
  const resolved: ResolvedAgentOptions = {
    ...options,
    concurrency: options.concurrency ?? 'queue',
    debounce: options.debounce ?? 500,
    maxAttempts: options.maxAttempts ?? 3,
    retryDelay: options.retryDelay ?? 1_000,
    maxDepth: options.maxDepth ?? 4,
    triggers: options.triggers ?? ['message', 'mention'],
  }
  const { concurrency, triggers, maxAttempts } = resolved
  const allowed = ['queue', 'latest', 'merge', 'drop', 'debounce']
  if (!allowed.includes(concurrency)) throw unusable(name, 'concurrency', allowed.join(', '), concurrency)
  for (const trigger of triggers) {
    if (!isTrigger(trigger))
      throw unusable(name, 'triggers', 'message, mention, tool-result, { every: milliseconds }', trigger)
  }
  if (!(maxAttempts >= 1)) throw unusable(name, 'maxAttempts', 'a number from 1 on', maxAttempts)
  for (const option of ['debounce', 'retryDelay', 'maxDepth'] as const) {
    if (!(resolved[option] >= 0)) throw unusable(name, option, 'a number from 0 on', resolved[option])
  }
  return resolved
}

function isTrigger(trigger: unknown): boolean {
  if (typeof trigger === 'string') return ['mention', 'message', 'tool-result'].includes(trigger)
  const { every } = Object(trigger) as { readonly every?: unknown } // looked at, whatever it is
  return typeof every === 'number' && Number.isFinite(every) && every >= 1
}

function unusable(agent: string, option: string, expected: string, received: unknown): SessionError {
  // NaN is no JSON.
  const what = typeof received === 'number' ? String(received) : JSON.stringify(received)
  return new SessionError(
    'invalid-options',
    `session.agent: \`${option}\` of the agent "${agent}": expected ${expected}, received ${what}`,
  )
}
