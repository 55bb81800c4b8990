import { contentTypeOf } from './conditional-writes.ts'
import { deferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import { toStreamDBError } from './errors.ts'
import { sendWithRetry } from './send-with-retry.ts'
import type { SendControls, SendOptions, SendResult } from './send-with-retry.ts'
import { delay } from './timeout.ts'
import { UnconfirmedWrites } from './unconfirmed-writes.ts'
import type { AppendReceipt, OutgoingWrite, WriteTransport } from './write-transport.ts'

/** What appending works with. */
export interface AppenderOptions extends SendOptions {
  readonly contentType: string
  readonly newId: () => string
}

/** A write that waits, or is under way. */
interface QueuedAppend extends Deferred<AppendReceipt> {
  readonly write: OutgoingWrite
  /** Refused among others: to be sent by itself, so that only the culprit fails. */
  isAlone: boolean
  isSeen: boolean
  isSettled: boolean
}

/** A server may refuse large bodies; what is written at once is sent in bodies of about this size, in characters. */
const GROUP_SIZE = 256 * 1024

/**
 * Returns a transport on producer headers: retried requests carry the same producer, epoch and sequence, and a server
 * that knows producers stores them once (SPEC W2).
 *
 * A lone write is sent at once. While a request is under way writes gather, and go together in the next.
 */
export function createAppender(options: AppenderOptions): WriteTransport {
  const { signal, newId, contentType, source } = options
  const unconfirmed = new UnconfirmedWrites<QueuedAppend>(source)
  let producer: { readonly id: string; seq: number } | undefined
  let isSending = false
  let controls: SendControls = {}
  let queue = new Set<QueuedAppend>()
  let group: ReadonlySet<QueuedAppend> = new Set()

  async function sendAll(): Promise<void> {
    isSending = true
    // What is written in one go is sent together.
    await Promise.resolve()
    while (queue.size > 0 && !signal.aborted) {
      group = new Set(takeGroup())
      await sendGroup()
    }
    group = new Set()
    isSending = false
  }

  function takeGroup(): QueuedAppend[] {
    const taken: QueuedAppend[] = []
    let size = 0
    for (const append of queue) {
      size += append.write.body.length
      if (taken.length > 0 && (append.isAlone || size > GROUP_SIZE)) break
      taken.push(append)
      queue.delete(append)
      if (append.isAlone) break
    }
    return taken
  }

  async function sendGroup(): Promise<void> {
    producer ??= { id: newId(), seq: 0 }
    const { id, seq } = producer
    const sent = [...group]
    const body = `[${sent.map(({ write }) => write.body).join(',')}]`
    const headers = {
      'content-type': contentTypeOf(
        sent.map(({ write }) => write),
        contentType,
      ),
      'Producer-Id': id,
      'Producer-Epoch': '0',
      'Producer-Seq': String(seq),
    }
    let result: SendResult
    try {
      result = await sendWithRetry(
        {
          body,
          headers,
          isStored: () => sent.some((append) => append.isSeen),
          onRetry(attempts, nextTry, error) {
            for (const { write } of sent) write.onRetry?.({ attempts, nextTry, error })
          },
          onWaiting: (given) => (controls = given),
        },
        options,
      )
    } catch (error) {
      if (signal.aborted) return
      // An unforeseen error: report it to the caller.
      result = { type: 'refused', error: toStreamDBError(error, 'write-failed', 'Writing failed') }
    }
    controls = {}
    if (result.type === 'stored') {
      producer.seq++
      for (const append of sent) acknowledge(append, result.offset)
      return
    }
    // What was refused left a hole in this producer's sequence.
    producer = undefined
    if (result.type === 'producer-unknown' && seq > 0) {
      queue = new Set([...sent, ...queue])
      return
    }
    const { error } = result
    const txid = result.type === 'refused' ? result.txid : undefined
    const isGroup = sent.length > 1 && result.type !== 'unknown' && error.code === 'write-failed'
    const culprits = isGroup ? sent.filter(({ write }) => write.txid === txid) : sent
    if (isGroup) {
      // Nothing of it is stored: the others are sent again, each by itself where the server did not say who is at fault.
      for (const append of sent) append.isAlone ||= culprits.length === 0
      const others = sent.filter((append) => !append.isSettled && !culprits.includes(append))
      queue = new Set([...others, ...queue])
    }
    if (culprits.length === 0) return
    for (const append of culprits) settle(append, () => append.reject(error))
    // Lets the caller withdraw dependent writes before they are sent.
    await delay(0, signal)
  }

  function acknowledge(append: QueuedAppend, offset: string | undefined): void {
    if (!append.isSeen && !append.isSettled) unconfirmed.add(append)
    settle(append, () => append.resolve({ offset }))
  }

  function settle(append: QueuedAppend, how: () => void): void {
    append.isSettled = true
    how()
  }

  signal.addEventListener('abort', () => {
    unconfirmed.clear()
    const left = [...group, ...queue]
    group = queue = new Set()
    for (const append of left) settle(append, () => append.reject(signal.reason))
  })

  return {
    append(write, own) {
      // Field by field: an object that another is spread into has a hidden class of its own on Node 20.
      const { promise, resolve, reject } = deferred<AppendReceipt>()
      const append: QueuedAppend = {
        write,
        promise,
        resolve,
        reject,
        isAlone: false,
        isSeen: false,
        isSettled: false,
      }
      const withdraw = (): boolean => {
        unconfirmed.delete(append)
        return queue.delete(append)
      }
      if (signal.aborted) append.reject(signal.reason)
      else queue.add(append)
      const onAbort = (): void => {
        withdraw()
        settle(append, () => append.reject(own?.reason))
      }
      if (own?.aborted === true) onAbort()
      own?.addEventListener('abort', onAbort, { once: true })
      if (!isSending && queue.size > 0) void sendAll()
      return {
        done: append.promise,
        withdraw,
        seen() {
          append.isSeen = true
          unconfirmed.delete(append)
          if (!group.has(append)) return
          // Others wait behind an answer that may be lost.
          controls.shortenTimeout?.()
          controls.skipDelay?.()
        },
      }
    },
    retryNow() {
      controls.skipDelay?.()
    },
  }
}
