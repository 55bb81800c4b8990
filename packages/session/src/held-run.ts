import type { ChangeEvent } from '@streamdb/state'
import { plainRow } from './plain-row.ts'
import { redactEvents } from './redaction.ts'
import type { Redact } from './redaction.ts'
import type { Approval, Part, Run, Step } from './rows.ts'
import type { RunWriter } from './run-writer.ts'
import type { SessionDB } from './session-db.ts'
import { sessionState } from './session-state.ts'
import { deltaKeysOf, sweepEvents } from './sweep.ts'

/** A run that this process holds: its row as it was written last, and what it has written. */
export class HeldRun {
  readonly #db: SessionDB
  readonly #writer: RunWriter
  readonly #redact: Redact | undefined
  /** By part, what knows how many deltas it was streamed in. */
  readonly #streamed = new Map<string, { readonly deltas: number }>()
  // What was written here may not have come back yet, and another attempt begins with it.
  readonly #parts = new Map<string, Part>()
  readonly #removed = new Set<string>()
  readonly #steps = new Map<string, Step>()
  readonly #approvals = new Map<string, Approval>()
  #hasProgress = false
  #row: Run

  constructor(db: SessionDB, writer: RunWriter, row: Run, redact: Redact | undefined) {
    this.#db = db
    this.#writer = writer
    this.#row = row
    this.#redact = redact
  }

  get row(): Run {
    return this.#row
  }

  get lost(): AbortSignal {
    return this.#writer.signal
  }

  /** Whether a step was completed here, or the run waits for a decision: whoever takes it over goes on, and does not begin anew. */
  get hasProgress(): boolean {
    return this.#hasProgress || this.#row.status === 'waiting'
  }

  /** Stores events in one append, in order; rejects with `lease-lost` where another process holds the run by now. */
  async append(events: readonly ChangeEvent[]): Promise<void> {
    const redacted = redactEvents(this.#redact, events)
    const appended = this.#writer.append(redacted)
    for (const event of redacted) this.#note(event)
    await appended
  }

  /** Returns the event that changes the run's row. */
  change(changes: Partial<Run>): ChangeEvent {
    this.#row = { ...this.#row, ...changes }
    return sessionState.runs.update({ value: this.#row })
  }

  /** Returns what a step has returned, in this attempt or an earlier one. */
  step(id: string): Step | undefined {
    return this.#steps.get(id) ?? this.#db.collections.steps.get(id)
  }

  approval(id: string): Approval | undefined {
    const approval = this.#approvals.get(id) ?? this.#db.collections.approvals.get(id)
    return approval && plainRow(approval)
  }

  /** Returns the parts of the answer, in their order, as they were written last. */
  parts(): readonly Part[] {
    const own = (part: Part): boolean => part.message === this.#row.message
    const read = [...this.#db.collections.parts.values()].filter(own)
    const parts = new Map([...read, ...[...this.#parts.values()].filter(own)].map((part) => [part.id, part]))
    return [...parts.values()].filter(({ id }) => !this.#removed.has(id)).sort((a, b) => a.index - b.index)
  }

  /** The part has ended: its deltas are to be swept. */
  sweepLater(part: string, writer: { readonly deltas: number }): void {
    this.#streamed.set(part, writer)
  }

  /** Begins another attempt: what was written before is removed. */
  async beginAttempt(attempt: number): Promise<void> {
    await this.append([...this.removeEarlier(), this.change({ attempt, status: 'running' })])
  }

  /**
   * Ends it: its row, the parts that still stream and the approvals that still wait, in one append; then its deltas are
   * swept.
   */
  async end(changes: Partial<Run>, open: readonly Part[]): Promise<void> {
    const approvals = this.#pendingApprovals()
    await this.append([
      ...open.map((part) => sessionState.parts.update({ value: part })),
      ...approvals.map((value) =>
        sessionState.approvals.update({ value: { ...value, status: 'cancelled' } }),
      ),
      this.change({ endedAt: new Date().toISOString(), ...changes }),
    ])
    const keys = [...this.#streamed].flatMap(([part, { deltas }]) =>
      Array.from({ length: deltas }, (_, index) => `${part}:${index}`),
    )
    for (const events of sweepEvents(keys)) await this.append(events)
  }

  /**
   * Returns the events that remove what earlier attempts have written outside of completed steps: this attempt writes it
   * anew (SPEC F-session-5).
   */
  removeEarlier(): ChangeEvent[] {
    const removed = this.parts().filter(
      ({ step }) => step === undefined || this.step(`${this.#row.id}:${step}`) === undefined,
    )
    const ids = new Set(removed.map(({ id }) => id))
    const keys = new Set(deltaKeysOf(this.#db, ids))
    for (const [id, { deltas }] of this.#streamed) {
      for (let index = 0; ids.has(id) && index < deltas; index++) keys.add(`${id}:${index}`)
      if (ids.has(id)) this.#streamed.delete(id)
    }
    return [
      ...[...ids].map((key) => sessionState.parts.delete({ key })),
      ...[...sweepEvents([...keys])].flat(),
    ]
  }

  #pendingApprovals(): Approval[] {
    const { approvals } = this.#db.collections
    const all = new Map(
      [...approvals.values(), ...this.#approvals.values()].map((each) => [each.id, plainRow(each)]),
    )
    return [...all.values()].filter(({ run, status }) => run === this.#row.id && status === 'pending')
  }

  #note({ type, key, value, headers }: ChangeEvent): void {
    if (headers.operation === 'delete') {
      this.#parts.delete(key)
      // A part has one life: what deletes it may not have come back yet.
      if (type === 'part') this.#removed.add(key)
    }
    // Each was made by the helpers of its collection.
    else if (type === 'part') this.#parts.set(key, value as Part)
    else if (type === 'step') {
      this.#steps.set(key, value as Step)
      this.#hasProgress = true
    } else if (type === 'approval') this.#approvals.set(key, value as Approval)
  }
}
