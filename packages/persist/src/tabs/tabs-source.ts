import { linkSignals } from '@streamdb/log'
import type { BatchSink, BatchSource, Checkpoint } from '@streamdb/log'
import type { SharingBrowser } from './choose-tabs.ts'
import { Delivered } from './delivered.ts'
import { defaultElectionTimes } from './election.ts'
import type { ElectionTimes, Thefts } from './election.ts'
import { Leadership } from './leadership.ts'
import type { LeadershipListener } from './leadership.ts'
import type { LeaderRequest, TabMessage } from './messages.ts'
import type { SharedStore } from './shared-store.ts'
import { TabFollower } from './tab-follower.ts'
import { TabLeader } from './tab-leader.ts'
import { TabLine } from './tab-line.ts'
import type { AloneReason, TabsStatus } from '@streamdb/log'
import type { CurrentValue } from '../current-value.ts'

/** What a source that tabs share works with. */
export interface TabsSourceOptions {
  /** The log; only the leader reads it. */
  readonly log: BatchSource
  readonly store: SharedStore
  readonly browser: SharingBrowser
  /** Names the lock and the channel: one for each stream in each store. */
  readonly name: string
  readonly status: CurrentValue<TabsStatus>
  readonly times?: ElectionTimes | undefined
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/** The log as a tab reads it: by itself where it leads, and from the leading tab otherwise. */
export class TabsSource implements BatchSource, LeadershipListener {
  readonly #options: TabsSourceOptions
  readonly #delivered = new Delivered()
  readonly #line: TabLine
  readonly #follower: TabFollower
  readonly #leadership: Leadership
  readonly #leaving = new AbortController()
  #leader: TabLeader | undefined
  #hasJoined = false
  #isAlone = false
  #isStarted = false

  constructor(options: TabsSourceOptions) {
    const { browser, name, signal, times = defaultElectionTimes } = options
    const { locks, openChannel } = browser
    this.#options = options
    this.#line = new TabLine(openChannel, name, (message) => this.#onMessage(message))
    this.#follower = new TabFollower({
      ...{ clock: browser.clock, delivered: this.#delivered, line: this.#line },
      reload: () => this.reload(),
    })
    const { signal: leaving } = linkSignals([signal, this.#leaving.signal])
    this.#leadership = new Leadership({ browser, locks, name, times, signal: leaving }, this)
    leaving.addEventListener('abort', () => {
      this.#follower.stop()
      this.#line.close()
    })
  }

  /** Takes part in the election. Called before the store is opened: a leader is heard from then on (INSTANT 6). */
  join(): void {
    if (this.#isAlone || this.#hasJoined || this.#options.signal.aborted) return
    this.#hasJoined = true
    this.#line.open()
    this.#leadership.start()
  }

  /** The store cannot be used, or what is stored is gone: this tab does everything for itself from now on. */
  goAlone(reason: AloneReason): void {
    if (this.#isAlone || this.#options.signal.aborted) return
    this.#isAlone = true
    this.#leaving.abort()
    this.#setStatus({ role: 'alone', reason })
    if (this.#isStarted) this.#startAlone()
  }

  /** Reads the stored rows again, in one change; the source goes on behind them. */
  reload(): void {
    this.#delivered.forget()
    this.#options.store.reload()
  }

  /** Tells the other tabs that writes came into the outbox, or became something else there. */
  ring(): void {
    this.#line.post({ type: 'ring' })
  }

  /** Asks the leader to save what is visible, and to tell how far it has. */
  askToSave(): void {
    this.#line.post({ type: 'request', request: { type: 'save' } })
  }

  /** Tells the other tabs that what was stored is gone. */
  tellCleared(): void {
    this.#line.post({ type: 'cleared' })
  }

  /** This tab has saved: what followers keep up to there is in the store. */
  saved(checkpoint: Checkpoint): void {
    this.#leader?.saved(checkpoint)
  }

  /** The store has a newer epoch than this tab. */
  onStale(): void {
    this.#leadership.onSuperseded()
  }

  start(from: Checkpoint | undefined, sink: BatchSink): void {
    this.#delivered.begin(from, sink)
    this.#isStarted = true
    if (this.#isAlone) return this.#startAlone()
    if (this.#leader !== undefined) return this.#leader.start()
    this.#request({ type: 'start' })
    this.#follower.start()
  }

  stop(): void {
    this.#isStarted = false
    this.#follower.stop()
    if (this.#leader !== undefined) this.#leader.stop()
    else if (this.#isAlone) this.#options.log.stop()
    this.#delivered.doubt()
  }

  retryNow(): void {
    this.#request({ type: 'retry' })
  }

  restart(reason: Parameters<BatchSource['restart']>[0]): void {
    if (this.#isAlone || this.#leader !== undefined) this.#options.log.restart(reason)
    // The store has what the log has.
    else this.reload()
  }

  verify(reason: Parameters<BatchSource['verify']>[0]): void {
    this.#request({ type: 'verify', reason })
  }

  onLead(signal: AbortSignal): void {
    this.#follower.stop()
    const { log, store, browser } = this.#options
    const leader = new TabLeader(
      { log, delivered: this.#delivered, store, browser, line: this.#line, reload: () => this.reload() },
      signal,
    )
    this.#leader = leader
    void this.#claim(leader, signal)
  }

  onStepDown(): void {
    const { store } = this.#options
    store.follow()
    this.#leader?.stop()
    this.#leader = undefined
    if (this.#isAlone || this.#options.signal.aborted) return
    this.#setStatus({ role: 'follower' })
    if (this.#isStarted) this.#follower.start()
  }

  onAway(): void {
    this.#line.close()
  }

  onBack(): void {
    this.#line.open()
    // What was sent meanwhile was missed.
    this.#follower.rejoin()
  }

  beat(thefts: Thefts): void {
    this.#leader?.beat(thefts)
  }

  ask(): void {
    this.#line.post({ type: 'ask' })
  }

  onRefused(): void {
    this.#options.store.goOnWithoutLocks()
  }

  /** Never rejects. */
  async #claim(leader: TabLeader, signal: AbortSignal): Promise<void> {
    try {
      const { epoch, checkpoint } = await this.#options.store.lead(signal)
      if (signal.aborted) return
      this.#setStatus({ role: 'leader' })
      leader.begin(epoch, checkpoint, this.#isStarted)
      // Whoever follows asks this tab from now on.
      this.#leadership.onAsked()
    } catch {
      // The store has reported it; the next tab may have more luck.
      if (!signal.aborted) this.goAlone('storage-failed')
    }
  }

  #startAlone(): void {
    const { log } = this.#options
    const { checkpoint, isAtStart } = this.#delivered
    const delivered = this.#delivered
    log.start(isAtStart ? undefined : checkpoint, {
      onBatch: (batch) => delivered.batch(batch),
      onSeekRefused: (offset) => delivered.refuseSeek(offset),
      onRestart: (why) => delivered.restart(why),
      onConnection: (event) => delivered.connection(event),
      ready: () => delivered.ready(),
    })
  }

  #request(request: LeaderRequest): void {
    const { log } = this.#options
    if (this.#leader !== undefined) return this.#leader.onRequest(request)
    if (!this.#isAlone) return this.#line.post({ type: 'request', request })
    if (request.type === 'retry') log.retryNow()
    if (request.type === 'verify') log.verify(request.reason)
  }

  #onMessage(message: TabMessage): void {
    const leader = this.#leader
    const { store } = this.#options
    switch (message.type) {
      case 'ask':
        return this.#leadership.onAsked()
      case 'join':
        return void leader?.onJoin(message.id, message.at)
      case 'request':
        if (message.request.type === 'retry') store.retryNow()
        return leader?.onRequest(message.request)
      case 'ring':
        return store.onRing()
      case 'cleared':
        return store.onCleared()
      case 'beat':
        if (!this.#onEpoch(message.epoch)) return
        this.#leadership.onHeard(message.thefts)
        this.#onLeaderHeard()
        // A ring may have been lost, in either direction.
        if (leader === undefined && store.hasWrites) {
          this.ring()
          store.onRing()
        }
        return this.#follower.onMessage(message)
      case 'saved':
        if (this.#onEpoch(message.epoch) && leader === undefined) store.onSaved(message.checkpoint)
        return
      case 'welcome':
      case 'wait':
      case 'news':
      case 'void':
        if (!this.#onEpoch(message.epoch)) return
        this.#onLeaderHeard()
        this.#follower.onMessage(message)
    }
  }

  #onLeaderHeard(): void {
    if (this.#leader === undefined && !this.#isAlone) this.#setStatus({ role: 'follower' })
  }

  /** Takes note of another leader's epoch; says whether it is to be heard. */
  #onEpoch(epoch: number | undefined): boolean {
    if (epoch === undefined) return this.#leader === undefined
    if (this.#follower.isOld(epoch)) return false
    const own = this.#leader?.epoch
    if (own === undefined) return true
    if (epoch > own) this.#leadership.onSuperseded()
    // Whoever led before is told by the heartbeat who leads now.
    else this.#leadership.onAsked()
    return epoch > own
  }

  #setStatus(status: TabsStatus): void {
    this.#options.status.set(status)
  }
}
