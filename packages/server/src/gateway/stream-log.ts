import { readState, StreamDBError } from '@streamdb/log'
import type { Checkpoint, SnapshotOptions } from '@streamdb/log'
import { isChangeEvent } from '@streamdb/state'
import type { ChangeHeaders, Migrate, StateDefinition, StateEvent } from '@streamdb/state'
import { resultHeader } from '../actions/call-result.ts'
import type { CallResult } from '../actions/call-result.ts'
import type { StreamLocation } from '../stream-client.ts'
import { identityOf } from './event-identity.ts'
import type { Draft } from './draft.ts'
import { linkSignal } from './linked-signal.ts'
import { sizeOf } from './stored-row.ts'
import { StoredTransactions } from './stored-transactions.ts'
import { StreamRows } from './stream-rows.ts'

/** How the log of a stream is read. */
export interface StreamLogOptions {
  readonly state: StateDefinition
  readonly migrate?: Migrate | undefined
  readonly snapshots: boolean | SnapshotOptions
  /** How long the stream server may take, in milliseconds. */
  readonly timeout: number
}

/** An event of a transaction that was appended. */
export interface WrittenEvent {
  readonly txid: string
  readonly principal: string
  readonly identity: string
  /** Of the last one of a call: the JSON of what its action returned. */
  readonly result?: string | undefined
}

/** What a gateway knows of a stream: its rows and its last transactions, until some point of its log. */
export class StreamLog {
  readonly rows: StreamRows = new StreamRows()
  readonly #transactions = new StoredTransactions()
  // Of what was appended, and not read back yet.
  readonly #appended = new StoredTransactions()
  readonly #location: StreamLocation
  readonly #options: StreamLogOptions
  #checkpoint: Checkpoint | undefined
  #end: string | undefined

  constructor(location: StreamLocation, options: StreamLogOptions) {
    this.#location = location
    this.#options = options
  }

  /** Where the log ends behind everything that is known; nothing where that is to be read. */
  get end(): string | undefined {
    return this.#end
  }

  /** How much is kept, in characters. */
  get size(): number {
    return this.rows.size + this.#transactions.resultSize + this.#appended.resultSize
  }

  /** Whether the log has these events of a transaction. */
  hasStored(txid: string, principal: string, identities: readonly string[]): boolean {
    const all = [this.#transactions, this.#appended]
    return all.some((transactions) => transactions.has(txid, principal, identities))
  }

  /** Whether the log has any event of a transaction. */
  hasTransaction(txid: string, principal: string): boolean {
    return [this.#transactions, this.#appended].some((transactions) => transactions.knows(txid, principal))
  }

  /** Returns what is known of what the action of a transaction returned. */
  resultOf(txid: string, principal: string): CallResult {
    const known = [this.#transactions, this.#appended].find((each) => each.knows(txid, principal))
    return known?.resultOf(txid, principal) ?? { type: 'forgotten' }
  }

  /** What was appended at the end that was known counts, until it is read. */
  append(rows: Draft, end: string, written: readonly WrittenEvent[]): void {
    this.rows.append(rows, end)
    this.#end = end
    for (const each of written) this.#appended.note(each)
  }

  /** Something may have been appended: the end is to be read. */
  forgetEnd(): void {
    this.#end = undefined
  }

  /** Reads what was appended since the last time. Throws a `StreamDBError`, and the signal's reason. */
  async catchUp(signal: AbortSignal): Promise<void> {
    const { state, migrate, snapshots, timeout } = this.#options
    const { url, headers, params, fetch: given } = this.#location
    const within = linkSignal([signal], timeout)
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await (given ?? globalThis.fetch)(input, init)
      // It answers. A large log takes as long as it takes: the reader gives up one that no longer comes.
      within.endTimeout()
      return response
    }
    try {
      const reads = readState({
        ...{ url, state, migrate, snapshots, from: this.#checkpoint },
        ...(headers && { headers }),
        ...(params && { params }),
        fetch,
        // The writer retries after temporary failures. One more attempt here detects a position that is gone.
        retry: {
          maxRetries: 2,
          initialDelay: 20,
          maxDelay: 100,
          connectTimeout: timeout,
          idleTimeout: timeout,
        },
        signal: within.signal,
      })
      for await (const read of reads) {
        switch (read.type) {
          case 'event':
            this.#apply(read.event)
            break
          case 'restart':
            this.#clear()
            break
          case 'checkpoint':
            this.#checkpoint = read.checkpoint
            this.#reach(read.checkpoint.offset)
            break
          case 'invalid':
        }
      }
    } catch (error) {
      this.#end = undefined
      // At a position that is none any more, say. What was read in part of a response comes again, and ends at the same rows.
      if (!within.isLate() && !isUnreachable(error)) this.#clear()
      signal.throwIfAborted()
      if (within.isLate()) {
        throw new StreamDBError('unreachable', `The stream server did not answer within ${timeout} ms`, {
          cause: error,
        })
      }
      throw error
    } finally {
      within.release()
    }
  }

  #reach(offset: string): void {
    const isAll = this.rows.reach(offset)
    if (isAll) this.#appended.clear()
    // A copy of the log that is behind what was appended says nothing of the end.
    if (isAll || this.#end === undefined) this.#end = offset
  }

  /** Reads everything anew next time. */
  #clear(): void {
    this.rows.clear()
    this.#transactions.clear()
    this.#appended.clear()
    this.#checkpoint = this.#end = undefined
  }

  #apply(event: StateEvent): void {
    if (!isChangeEvent(event)) {
      this.rows.apply(event)
      const { txids } = event.headers as { txids?: unknown } // a header of snapshots
      if (Array.isArray(txids)) this.#transactions.noteNamed(txids.filter((txid) => typeof txid === 'string'))
      return
    }
    const { value } = event
    const { [resultHeader]: returned } = event.headers
    // Of a transaction, and not of the row that its last event wrote.
    const headers = returned === undefined ? event.headers : withoutResult(event.headers)
    const { txid, principal, request } = headers as { txid?: unknown; principal?: unknown; request?: unknown } // headers like any other
    if (headers.operation === 'delete') this.rows.apply(event)
    else this.rows.apply(event, { value, headers, size: sizeOf({ ...event, headers }) })
    if (typeof txid !== 'string') return
    const identity = typeof request === 'string' ? request : identityOf(event)
    this.#transactions.note({
      ...{ txid, principal: typeof principal === 'string' ? principal : undefined, identity },
      result: returned === undefined ? undefined : JSON.stringify(returned),
    })
  }
}

function withoutResult(headers: ChangeHeaders): ChangeHeaders {
  const kept = Object.entries(headers).filter(([name]) => name !== resultHeader)
  return Object.fromEntries(kept) as ChangeHeaders // with its operation
}

function isUnreachable(error: unknown): boolean {
  return error instanceof StreamDBError && error.code === 'unreachable'
}
