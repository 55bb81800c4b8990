import { StreamDBError } from '@streamdb/log'
import type { StateIssue } from '@streamdb/state'
import { warnInDevelopment } from '../development.ts'
import type { Observers } from '../observe.ts'
import type { Reporter } from '../report.ts'
import type { InvalidEvent, InvalidPolicy } from './invalid-event.ts'
import { sizeOf } from './size-of.ts'

const mostEvents = 100
const mostCharacters = 262_144
const mostCharactersOfEvent = 16_384
const mostCharactersOfText = 1000

/** Counts the events that were not applied, keeps the last of them, and asks the application what to do. */
export class InvalidEvents {
  readonly #policy: InvalidPolicy
  readonly #reporter: Reporter
  readonly #observers: Pick<Observers, 'invalid'>
  readonly #warned = new Set<string>()
  readonly #kept: { readonly invalid: InvalidEvent; readonly size: number }[] = []
  #total = 0
  #size = 0

  constructor(policy: InvalidPolicy, reporter: Reporter, observers: Pick<Observers, 'invalid'>) {
    this.#policy = policy
    this.#reporter = reporter
    this.#observers = observers
  }

  /** Invalid events in all. */
  get total(): number {
    return this.#total
  }

  /** The last of them, oldest first: at most 100, and at most 262,144 characters in all. */
  get last(): readonly InvalidEvent[] {
    return this.#kept.map(({ invalid }) => invalid)
  }

  /** Takes note of an invalid event; throws `invalid-event` where the policy is to fail. */
  add(issue: StateIssue, offset: string): void {
    const { code, path, expected, received, reason, event } = issue
    const message = `${issue.message} (offset ${offset})`
    const invalid = { code, path, expected, received, ...(reason && { reason }), message, event, offset }
    this.#total++
    this.#keep(invalid)
    this.#warn(invalid)
    this.#observers.invalid(invalid)
    if (this.#verdictOf(invalid) === 'fail') throw new StreamDBError('invalid-event', message)
  }

  #verdictOf(invalid: InvalidEvent): unknown {
    const policy = this.#policy
    if (typeof policy !== 'function') return policy
    let verdict: unknown
    this.#reporter.call('onInvalid', (given: InvalidEvent) => (verdict = policy(given)), invalid)
    return verdict
  }

  #keep(invalid: InvalidEvent): void {
    const kept = shorten(invalid)
    const size = sizeOf(kept.event, mostCharactersOfEvent) + kept.message.length
    this.#kept.push({ invalid: kept, size })
    this.#size += size
    while (this.#kept.length > mostEvents || this.#size > mostCharacters) {
      const oldest = this.#kept.shift()
      if (oldest === undefined) break
      this.#size -= oldest.size
    }
  }

  /** Says once for each type that rows were refused: a schema that does not fit the log is an empty list (F-real-32). */
  #warn({ event, message, code }: InvalidEvent): void {
    const type = (event as { type?: unknown } | null)?.type // of which nothing is known
    const name = typeof type === 'string' ? type.slice(0, 100) : ''
    if (this.#policy !== 'skip' || this.#warned.has(name) || this.#warned.size >= mostEvents) return
    this.#warned.add(name)
    const isRow = code === 'schema' || code === 'key-mismatch' || code === 'migration'
    const what = isRow ? `A row of type \`${name}\`` : 'An event'
    warnInDevelopment(
      `${what} was skipped: ${message}. This is said once for each type; db.issues has the count and the last ones.`,
    )
  }
}

/** Returns an invalid event with bounded parts: others wrote it, and it is kept (F-real-80). */
function shorten(invalid: InvalidEvent): InvalidEvent {
  const { path, expected, received, reason, message, event } = invalid
  return {
    ...invalid,
    path: shortText(path),
    expected: shortText(expected),
    received: shortText(received),
    ...(reason !== undefined && { reason: shortText(reason) }),
    message: shortText(message),
    event: sizeOf(event, mostCharactersOfEvent) < mostCharactersOfEvent ? event : headOf(event),
  }
}

function shortText(text: string): string {
  return text.length > mostCharactersOfText ? `${text.slice(0, mostCharactersOfText)}…` : text
}

/** Returns what tells which event it was. */
function headOf(event: unknown): unknown {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return typeof event === 'string' ? shortText(event) : undefined
  }
  const { type, key, headers } = event as { type?: unknown; key?: unknown; headers?: unknown } // an object
  const parts = Object.entries({ type, key, headers }).filter(
    ([, part]) => sizeOf(part, mostCharactersOfText) < mostCharactersOfText,
  )
  return Object.fromEntries(parts)
}
