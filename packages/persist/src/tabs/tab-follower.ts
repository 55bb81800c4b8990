import { randomId, StreamDBError, toStreamDBError } from '@streamdb/log'
import type { TabClock } from './browser.ts'
import type { Delivered } from './delivered.ts'
import { receiveBatch, receiveEvent } from './messages.ts'
import type { Connection, News, SentEvent, TabMessage, Welcome } from './messages.ts'
import { batchesAfter } from './news-log.ts'
import { isSamePosition } from './position.ts'
import type { TabLine } from './tab-line.ts'

/** What a follower works with. */
export interface TabFollowerParts {
  readonly clock: TabClock
  readonly delivered: Delivered
  readonly line: TabLine
  /** Reads the store again, and starts this follower again behind its rows. */
  readonly reload: () => void
}

/** How long an answer is waited for before it is asked again, in milliseconds. */
const PATIENCE = 1_000
/** Two readings of the store are at least so far apart, and twice as far after each, up to the longest pause. */
const RELOAD_PAUSE = 500
const LONGEST_PAUSE = 30_000
/** A leader that was not heard for so long does not answer either. */
const SILENCE = 12_500

/** Delivers what the leader reads. Where anything of it is missing, the leader is asked, and the store is read again. */
export class TabFollower {
  readonly #parts: TabFollowerParts
  readonly #id = randomId()
  // 'joining': what follows the position was asked for; news that come before the answer are part of it.
  #state: 'stopped' | 'joining' | 'following' = 'stopped'
  #epoch = 0
  #seq = 0
  #queue: (() => void)[] = []
  #isDraining = false
  #stopWaiting: (() => void) | undefined
  #stopListening: (() => void) | undefined
  #reloads = 0
  #reloadedAt = -Infinity
  #isSilent = false

  constructor(parts: TabFollowerParts) {
    this.#parts = parts
  }

  /** Asks for what follows the rows that are shown. */
  start(): void {
    if (this.#state !== 'stopped') return
    this.#hear()
    this.#join()
  }

  stop(): void {
    this.#state = 'stopped'
    this.#queue = []
    this.#stopWaiting?.()
    this.#stopListening?.()
  }

  /** Asks anew: messages were missed. */
  rejoin(): void {
    if (this.#state !== 'stopped') this.#join()
  }

  /** Whether a leader of this epoch was replaced by another one. */
  isOld(epoch: number): boolean {
    return epoch < this.#epoch
  }

  onMessage(message: TabMessage): void {
    if (this.#state === 'stopped') return
    switch (message.type) {
      case 'beat':
        this.#hear()
        // The last news were lost, or they were those of another leader.
        if (message.epoch === undefined || this.isOld(message.epoch) || this.#state !== 'following') return
        if (message.epoch > this.#epoch || message.seq > this.#seq) this.#join()
        return
      case 'welcome':
        if (message.to === this.#id && !this.isOld(message.epoch)) this.#onWelcome(message)
        return
      case 'wait':
        if (message.to === this.#id && !this.isOld(message.epoch)) this.#onWait(message.connection)
        return
      case 'news':
        this.#hear()
        if (this.#state !== 'following' || this.isOld(message.epoch)) return
        if (message.epoch === this.#epoch && message.seq <= this.#seq) return
        if (message.epoch > this.#epoch || message.seq > this.#seq + 1) return this.#join()
        this.#seq = message.seq
        this.#enqueue(() => this.#onNews(message))
        return
      case 'void':
        if (!this.isOld(message.epoch)) this.#join()
        return
      case 'ask':
      case 'join':
      case 'request':
      case 'ring':
      case 'saved':
      case 'cleared':
    }
  }

  #join(): void {
    const { line, delivered, clock } = this.#parts
    this.#state = 'joining'
    this.#queue = []
    line.post({ type: 'join', id: this.#id, at: delivered.position })
    this.#stopWaiting?.()
    // The question or the answer was lost, or nobody leads yet.
    this.#stopWaiting = clock.after(PATIENCE, () => {
      if (this.#state === 'joining') this.#join()
    })
  }

  #onWelcome(welcome: Welcome): void {
    if (this.#state !== 'joining') return
    const { delivered } = this.#parts
    const { epoch, seq, at, isUpToDate, isClosed, connection } = welcome
    this.#hear()
    this.#epoch = epoch
    const missed = batchesAfter(welcome.batches, delivered.position, at)
    if (missed === undefined || !isSameStream(delivered.checkpoint.streamId, welcome.streamId))
      return this.#reload()
    this.#stopWaiting?.()
    this.#state = 'following'
    this.#seq = seq
    this.#reloads = 0
    this.#enqueue(() => this.#onConnection(connection))
    for (const batch of missed) this.#enqueue(() => void delivered.batch(receiveBatch(batch)))
    this.#enqueue(() => {
      if (isUpToDate) delivered.upToDate(isClosed)
    })
  }

  #onWait(connection: Connection): void {
    this.#hear()
    if (this.#state === 'joining') this.#onConnection(connection)
  }

  /** The leader stands elsewhere, and what lies between is in the store: the rows that are shown are replaced. */
  #reload(): void {
    const { clock, reload } = this.#parts
    const pause = Math.min(RELOAD_PAUSE * 2 ** this.#reloads, LONGEST_PAUSE)
    const since = clock.now() - this.#reloadedAt
    // What cannot be repaired at once is not tried all the time. Less than nothing: the clock was set back.
    if (since >= 0 && since < pause) return
    this.#reloadedAt = clock.now()
    this.#reloads++
    reload()
  }

  #onNews(news: News): void {
    const { delivered } = this.#parts
    if ('event' in news) return this.#onEvent(news.event)
    if ('refusedSeek' in news) return delivered.refuseSeek(news.refusedSeek)
    const { from, batch } = news
    const { position } = delivered
    // A response that broke off is delivered again from its beginning; what came of it before is known.
    const isAgain = from.offset === position.offset && from.items <= position.items
    if (!isAgain && !isSamePosition(from, position)) return this.#join()
    delivered.batch(receiveBatch(batch))
  }

  #onConnection({ event, mode }: Connection): void {
    if (event !== undefined && event.type !== 'start') this.#onEvent({ type: 'start' })
    if (event !== undefined) this.#onEvent(event)
    if (mode !== undefined) this.#parts.delivered.connection({ type: 'mode', mode })
  }

  #onEvent(event: SentEvent): void {
    this.#parts.delivered.connection(receiveEvent(event))
  }

  #enqueue(run: () => void): void {
    this.#queue.push(run)
    if (!this.#isDraining) void this.#drain()
  }

  /** Delivers one after the other; never rejects. */
  async #drain(): Promise<void> {
    this.#isDraining = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      try {
        next()
      } catch (thrown) {
        this.stop()
        const error = toStreamDBError(thrown, 'stream-failed', 'Following the leading tab failed')
        this.#parts.delivered.connection({ type: 'fail', error })
      }
      await this.#parts.delivered.ready()
    }
    this.#isDraining = false
  }

  /** The leader was heard: the clock of its silence starts again. */
  #hear(): void {
    const { clock, delivered } = this.#parts
    if (this.#isSilent) {
      this.#isSilent = false
      if (this.#state === 'following') this.#join()
    }
    this.#stopListening?.()
    this.#stopListening = clock.after(SILENCE, () => {
      this.#isSilent = true
      const now = clock.now()
      const error = new StreamDBError('unreachable', 'The tab that reads the stream does not answer')
      delivered.connection({ type: 'break', attempt: 1, now, nextTry: now + SILENCE, error })
    })
  }
}

function isSameStream(own: string | undefined, other: string | undefined): boolean {
  return own === undefined || other === undefined || own === other
}
