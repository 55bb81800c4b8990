import { backoff, defaultTimes, delay, isConditional, mayPass, toStreamDBError } from '@streamdb/log'
import type {
  AppendRetry,
  MessageSender,
  ProducerSequence,
  SendControls,
  SendResult,
  StoredWriteState,
  StreamDBError,
} from '@streamdb/log'
import { inState } from './kept-write.ts'
import type { KeptWrite } from './kept-write.ts'
import { bodyOf, nextTask } from './next-task.ts'
import type { Task } from './next-task.ts'
import type { OutboxList } from './outbox-list.ts'
import type { OutboxSaver } from './outbox-saver.ts'
import type { Producer } from './producer.ts'

/** What sending works with. */
export interface DeliveryOptions {
  readonly list: OutboxList
  readonly saver: OutboxSaver
  readonly sender: MessageSender
  /** Ends a write: it is in the log. `offset`: where the log ends behind it, where that is known. */
  readonly onStored: (kept: KeptWrite, offset: string | undefined) => void
  /** Ends a write: it was refused. */
  readonly onRefused: (kept: KeptWrite, error: StreamDBError) => void
}

/** Sends what an outbox keeps, in order, one message at a time, for as long as this tab leads. */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #producer: Producer
  readonly #signal: AbortSignal
  #controls: SendControls = {}
  #isBusy = false

  /** `producer`: this tab's, as long as it leads. `signal` ends it. */
  constructor(options: DeliveryOptions, producer: Producer, signal: AbortSignal) {
    this.#options = options
    this.#producer = producer
    this.#signal = signal
  }

  /** Sends what there is to be sent. */
  async work(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      // What is written in one go is sent together.
      await Promise.resolve()
      while (!this.#signal.aborted && !isOffline()) {
        const task = this.#next()
        if (task === undefined || !(await this.#do(task))) break
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error
    } finally {
      this.#isBusy = false
    }
  }

  /** Tries at once what waits to be tried again. */
  retryNow(): void {
    this.#controls.skipDelay?.()
    void this.work()
  }

  /** A write was read in the log: its answer is no longer waited for. */
  seen(): void {
    this.#controls.shortenTimeout?.()
    this.#controls.skipDelay?.()
  }

  #next(): Task | undefined {
    const { list } = this.#options
    const isAlone = ({ txid }: { readonly txid: string }): boolean => list.find(txid)?.isAlone === true
    return nextTask(writesOf(list), isAlone)
  }

  /** Does a task; says whether to go on. */
  #do(task: Task): Promise<boolean> {
    return task.type === 'send' ? this.#send(task) : this.#run(task)
  }

  async #send(task: Task & { readonly type: 'send' }): Promise<boolean> {
    const { list, saver } = this.#options
    const { mayBeStored } = task
    const producer = task.producer ?? this.#producer.next()
    let sent = task.writes.flatMap(({ txid }) => list.find(txid) ?? [])
    if (task.producer === undefined) {
      this.#change(sent, { name: 'sent', producer })
      await saver.flush().catch(() => undefined) // reported; what is kept in memory is sent all the same
      if (this.#signal.aborted) return false
      // Another tab may have withdrawn one.
      sent = sent.filter(({ write: { state } }) => state.name === 'sent' && state.producer === producer)
    }
    if (sent.length === 0) {
      this.#producer.putBack(producer)
      return true
    }
    const result = await this.#sendMessage(sent, producer, mayBeStored)
    this.#controls = {}
    await this.#end(sent, producer, result)
    return true
  }

  async #sendMessage(
    sent: readonly KeptWrite[],
    producer: ProducerSequence,
    mayBeStored: boolean,
  ): Promise<SendResult> {
    try {
      return await this.#options.sender.send(
        {
          producer,
          mayBeStored,
          body: bodyOf(sent.map(({ write }) => write)),
          isConditional: sent.some(({ write }) => isConditional(write.events)),
          isStored: () => sent.some(({ isSeen }) => isSeen),
          onRetry: (attempts, nextTry, error) => {
            for (const kept of sent) noteRetry(kept, { attempts, nextTry, error })
            this.#options.list.changed()
          },
          onWaiting: (controls) => (this.#controls = controls),
        },
        this.#signal,
      )
    } catch (error) {
      if (this.#signal.aborted) throw error
      // An unforeseen error: report it to whoever wrote.
      return { type: 'refused', error: toStreamDBError(error, 'write-failed', 'Writing failed') }
    }
  }

  async #end(sent: readonly KeptWrite[], producer: ProducerSequence, result: SendResult): Promise<void> {
    if (result.type === 'stored') {
      for (const kept of sent) this.#options.onStored(kept, result.offset)
      return
    }
    // What was refused may have left a hole in this producer's sequence, or have used a place of it.
    this.#producer.renewAfter(producer)
    const isAbsent = result.type !== 'unknown'
    const isGroup = sent.length > 1 && isAbsent && result.error.code === 'write-failed'
    const culprits =
      result.type === 'refused' && isGroup ? sent.filter(({ write }) => write.txid === result.txid) : []
    if (result.type === 'producer-unknown' || isGroup) {
      // Nothing of it is stored: the others are sent again, each by itself where the server did not say who is at fault.
      for (const kept of sent) kept.isAlone ||= isGroup && culprits.length === 0
      this.#change(
        sent.filter((kept) => !culprits.includes(kept)),
        { name: 'queued' },
      )
      if (culprits.length === 0) return
    }
    const refused = culprits.length === 0 ? sent : culprits
    for (const kept of refused) this.#options.onRefused(kept, result.error)
    // Lets whoever wrote withdraw what depends on it before that is sent.
    await delay(0, this.#signal)
  }

  /** Runs an action's function; says whether to go on. */
  async #run({ write, mayBeStored }: Task & { readonly type: 'run' }): Promise<boolean> {
    const { list, saver, sender, onStored, onRefused } = this.#options
    const kept = list.find(write.txid)
    const run = kept?.carrier?.run
    // It waits for whoever knows the action.
    if (kept === undefined || run === undefined) return false
    if (!mayBeStored) {
      this.#change([kept], { name: 'sent' })
      await saver.flush().catch(() => undefined) // as above
    }
    for (let attempts = 1; ; attempts++) {
      if (mayBeStored || attempts > 1) await sender.checkStored(this.#signal)
      if (this.#signal.aborted) return false
      if (kept.isSeen || kept.write.state.name !== 'sent') return true
      try {
        await run(this.#signal)
        onStored(kept, undefined)
        return true
      } catch (thrown) {
        if (this.#signal.aborted) return false
        const error = toStreamDBError(thrown, 'write-failed', `The action "${String(write.action)}" failed`)
        if (kept.isSeen || !mayPass(thrown)) {
          onRefused(kept, error)
          await delay(0, this.#signal)
          return true
        }
        const ms = backoff(defaultTimes, attempts)
        noteRetry(kept, { attempts, nextTry: Date.now() + ms, error })
        list.changed()
        const skipped = new Promise<void>((resolve) => (this.#controls = { skipDelay: resolve }))
        await delay(ms, this.#signal, skipped)
      }
    }
  }

  #change(all: readonly KeptWrite[], state: StoredWriteState): void {
    const { saver, list } = this.#options
    for (const kept of all) {
      kept.write = inState(kept.write, state)
      saver.changes.update(kept.write)
    }
    list.changed()
  }
}

function noteRetry(kept: KeptWrite, retry: AppendRetry): void {
  kept.write = { ...kept.write, attempts: retry.attempts }
  kept.carrier?.onRetry?.(retry)
}

function* writesOf(list: OutboxList): Generator<KeptWrite['write'], void> {
  for (const { write } of list) yield write
}

/** The browser says that it has no network: what is not sent can still be taken back. */
function isOffline(): boolean {
  const { navigator } = globalThis as { navigator?: { readonly onLine?: boolean } } // absent outside of browsers
  return navigator?.onLine === false
}
