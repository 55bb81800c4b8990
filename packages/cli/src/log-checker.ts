import { start } from '@streamdb/log'
import { isChangeEvent } from '@streamdb/state'
import type { StateEvent, StateIssue } from '@streamdb/state'
import { stampOf } from './read-log.ts'
import { schemaFault } from './schema-module.ts'
import type { LoadedSchema } from './schema-module.ts'

/** What is wrong with one item of a log, or worth a look. */
export interface Finding {
  /** A warning stops no reader, and is no fault. */
  readonly level: 'fault' | 'warning'
  /** Which item of the log: 1 is the first. */
  readonly item: number
  /** The offset behind the item, where the server says it. */
  readonly offset?: string | undefined
  /** An offset to read from: the item is among the first that come. */
  readonly from: string
  /** As of an issue, or one of `snapshot-open`, `snapshot-end-alone`, `txid-split`, `timestamp`, `unknown-type`. */
  readonly code: string
  readonly message: string
  readonly event: unknown
}

/** How many transactions are remembered, to tell those that are cut in two. */
const mostTxids = 100_000

/** Holds a log to the protocol and, where there is one, to a schema: item by item, in its order. */
export class LogChecker {
  readonly #schema: LoadedSchema | undefined
  readonly #unknownTypes = new Set<string>()
  readonly #endedTxids = new Set<string>()
  #items = 0
  #previous = start
  #stamp: string | undefined
  #txid: string | undefined
  #openSnapshot: Finding | undefined

  constructor(schema?: LoadedSchema) {
    this.#schema = schema
  }

  /** How many items were checked. */
  get items(): number {
    return this.#items
  }

  /** Takes the offset of the log that is reached: all items before it were checked. */
  reach(offset: string): void {
    this.#previous = offset
    this.#stamp = undefined
  }

  /** Checks an item that is no event. */
  checkInvalid(issue: StateIssue): Finding[] {
    this.#advance(issue.event)
    return [this.#finding('fault', issue.code, issue.message, issue.event)]
  }

  checkEvent(event: StateEvent): Finding[] {
    this.#advance(event)
    const found = [...this.#checkTxid(event), ...this.#checkTimestamp(event)]
    if (!isChangeEvent(event)) return [...found, ...this.#checkControl(event)]
    if (this.#schema === undefined) return found
    const issue = schemaFault(event, this.#schema)
    if (issue !== undefined) found.push(this.#finding('fault', issue.code, issue.message, event))
    if (!this.#schema.byType.has(event.type) && !this.#unknownTypes.has(event.type)) {
      this.#unknownTypes.add(event.type)
      const message = `The schema has no collection for the type ${JSON.stringify(event.type)}: its events are ignored`
      found.push(this.#finding('warning', 'unknown-type', message, event))
    }
    return found
  }

  /** Checks the end of the log. */
  end(): Finding[] {
    return this.#openSnapshot === undefined ? [] : [this.#openSnapshot]
  }

  #advance(item: unknown): void {
    this.#items++
    const stamp = stampOf(item)
    // An item without a stamp is of the same append as its neighbours, or not: the earlier offset is before it anyway.
    if (stamp === undefined) return
    if (this.#stamp !== undefined && stamp !== this.#stamp) this.#previous = this.#stamp
    this.#stamp = stamp
  }

  #finding(level: Finding['level'], code: string, message: string, event: unknown): Finding {
    return { level, item: this.#items, offset: stampOf(event), from: this.#previous, code, message, event }
  }

  #checkControl(event: StateEvent): Finding[] {
    switch (event.headers['control']) {
      case 'snapshot-start': {
        const message = 'A snapshot begins and does not end: readers show nothing of what follows'
        this.#openSnapshot = this.#finding('fault', 'snapshot-open', message, event)
        return []
      }
      case 'snapshot-end': {
        const isOpen = this.#openSnapshot !== undefined
        this.#openSnapshot = undefined
        const message = 'A snapshot ends that did not begin: readers ignore the event'
        return isOpen ? [] : [this.#finding('fault', 'snapshot-end-alone', message, event)]
      }
      default:
        this.#openSnapshot = undefined
        return []
    }
  }

  #checkTxid(event: StateEvent): Finding[] {
    const { txid } = event.headers as { txid?: unknown } // a header like any other, in controls
    const before = this.#txid
    this.#txid = typeof txid === 'string' ? txid : undefined
    if (this.#txid === before) return []
    if (before !== undefined) {
      if (this.#endedTxids.size >= mostTxids) this.#endedTxids.clear()
      this.#endedTxids.add(before)
    }
    if (this.#txid === undefined || !this.#endedTxids.has(this.#txid)) return []
    const message = `Events of the transaction ${JSON.stringify(this.#txid)} lie apart: readers show them one part after the other`
    return [this.#finding('warning', 'txid-split', message, event)]
  }

  #checkTimestamp(event: StateEvent): Finding[] {
    const { timestamp } = event.headers as { timestamp?: unknown } // as above
    if (timestamp === undefined) return []
    if (
      typeof timestamp === 'string' &&
      /^\d{4}-\d\d-\d\dT/.test(timestamp) &&
      !Number.isNaN(Date.parse(timestamp))
    )
      return []
    const message = `The timestamp is no RFC 3339 time: ${JSON.stringify(timestamp)}`
    return [this.#finding('warning', 'timestamp', message, event)]
  }
}
