import { Listeners } from '@streamdb/log'
import type { Observers } from '../observe.ts'
import type { Readable } from '../readable.ts'
import type { Reporter } from '../report.ts'
import { nextStatus } from './status.ts'
import type { Status, StatusEvent } from './status.ts'

/** Holds the status of a database, and notifies subscribers. */
export class StatusStore implements Readable<Status> {
  readonly #observers: Pick<Observers, 'status'>
  readonly #listeners: Listeners<Status>
  #status: Status = { name: 'idle' }

  constructor(reporter: Reporter, observers: Pick<Observers, 'status'>) {
    this.#observers = observers
    this.#listeners = new Listeners((error) => reporter.report(error, 'A status listener'))
  }

  get current(): Status {
    return this.#status
  }

  readonly get = (): Status => this.#status

  /** Calls `listener` after every change of status; returns what ends it. */
  readonly subscribe = (listener: (status: Status) => void): (() => void) =>
    this.#listeners.subscribe(listener)

  /** Applies an event. */
  update(event: StatusEvent): void {
    const next = nextStatus(this.#status, event)
    if (next === this.#status) return
    this.#status = next
    this.#observers.status(next)
    // A listener may change the status again; the others then get the newer status.
    this.#listeners.notify(next, () => this.#status === next)
    if (next.name === 'closed') this.#listeners.clear()
  }
}
