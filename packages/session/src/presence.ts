import type { Readable } from '@streamdb/db'
import { deferred, delay, randomId } from '@streamdb/log'
import type { Deferred } from '@streamdb/log'
import { Listeners } from '@streamdb/log'
import type { PresenceContext } from './presence-options.ts'
import { presenceEvent } from './presence-rows.ts'
import type { PresenceEvent, PresenceEventType, PresenceRow, PresentDevice } from './presence-rows.ts'
import type { PresenceStream } from './presence-stream.ts'
import { toJson } from './to-json.ts'

interface Heard {
  readonly row: PresenceRow
  /** By this process's own clock. */
  readonly at: number
  /** It was heard while it was said, not read of afterwards. */
  readonly isLive: boolean
  /** It holds runs, and is not shown. */
  readonly isHidden: boolean
}

/** How often a device says that it is there, in a lifetime of what it said: two may be lost. */
const beats = 3
/** How many who have left are remembered from one stream to the next. */
const mostAbsent = 100
/** Cursors move often; more is not sent. */
const minPause = 100

/**
 * Says that this device is there, and hears of others: by heartbeats on a stream of their own, each with its expiry.
 *
 * Clocks of devices are never compared: what counts is when something was heard, by this process's own clock.
 */
export class Presence implements Readable<readonly PresentDevice[]> {
  readonly #stream: PresenceStream
  readonly #context: PresenceContext
  readonly #listeners = new Listeners()
  readonly #heard = new Map<string, Heard>()
  readonly #awaitedBeats = new Map<number, Deferred>()
  readonly #instance = randomId()
  #shown: readonly PresentDevice[] = []
  #state: unknown
  #beat = 0
  #holds = 0
  #isLive = false
  #listensSince = performance.now()
  #nextBeat: ReturnType<typeof setTimeout> | undefined
  #expiry: ReturnType<typeof setTimeout> | undefined
  #isBeating = false
  /** Something was to be said while a beat was under way. */
  #isDue = false
  /** The others are to say that they are there: this device has heard of none. */
  #asksOthers = false
  #lastBeatAt = -Infinity
  #isStarted = false

  constructor(stream: PresenceStream, context: PresenceContext) {
    this.#stream = stream
    this.#context = context
  }

  readonly get = (): readonly PresentDevice[] => this.#shown
  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Starts hearing and saying, once. Its promise ends with the signal; it never rejects. */
  async start(): Promise<void> {
    const { signal } = this.#context
    if (this.#isStarted || signal.aborted) return
    this.#isStarted = true
    this.#listensSince = performance.now()
    signal.addEventListener('abort', () => {
      clearTimeout(this.#nextBeat)
      clearTimeout(this.#expiry)
      this.#listeners.clear()
      for (const waiting of this.#awaitedBeats.values()) waiting.reject(signal.reason)
    })
    while (!signal.aborted) {
      let pause = 0
      try {
        await this.#stream.create(this.#absent())
        for await (const read of this.#stream.read()) {
          if (read.type === 'event')
            this.#onEvent(read.event as PresenceEvent) // narrowed below
          else if (read.type === 'restart') this.#listensSince = performance.now()
          else if (read.type === 'checkpoint' && read.upToDate && !this.#isLive) this.#onCaughtUp()
        }
      } catch {
        // Presence is best effort: who cannot be heard is not there. The session's own stream says what is wrong.
        pause = 1_000
      }
      this.#isLive = false
      if (!signal.aborted) await delay(pause, signal)
    }
  }

  /** What was last said of this device. */
  get state(): unknown {
    return this.#state
  }

  /**
   * Says something of this device: typing, a cursor, any small state. Told to others at once, at most ten times a second. Throws
   * `invalid-options` for what is no JSON.
   */
  update(state: unknown): void {
    // In a heartbeat it would silence the device, and its agents would lose their runs.
    toJson(state, 'The state of this device')
    this.#state = state
    this.#scheduleBeat(Math.max(0, minPause - (performance.now() - this.#lastBeatAt)))
  }

  /** Says at once that this device is there, as after it was away. */
  announce(): void {
    this.#scheduleBeat(0)
  }

  /** While it is held, this device is heard of often, so that its death is noticed soon. Returns what ends that. */
  hold(): () => void {
    this.#holds++
    void this.start()
    if (this.#holds === 1) this.#scheduleBeat(0)
    let isHeld = true
    return () => {
      if (isHeld) this.#holds--
      isHeld = false
    }
  }

  /** Names this process as the holder of runs. */
  get holder(): string {
    return `${this.#context.device}/${this.#instance}`
  }

  /**
   * Resolves with whether the holder of a run is dead: nothing was heard of it for its time, and others are heard. `since`: when
   * it was seen that it holds the run (`performance.now()`); it may have died before it said so here.
   */
  async isDead(holder: string, since: number): Promise<boolean> {
    void this.start()
    if (holder === this.holder || !this.#isSilent(holder, since)) return false
    // What it said may still be on its way: what this device says now comes behind it.
    try {
      await this.#probe()
    } catch {
      return false
    }
    return this.#isSilent(holder, since)
  }

  /** Says that this device is gone. */
  async leave(): Promise<void> {
    if (this.#beat === 0) return
    await this.#stream.appendLast(this.#event({ left: true })).catch(() => undefined)
  }

  #isSilent(holder: string, seen: number): boolean {
    const { leaseTtl } = this.#context
    const end = holder.lastIndexOf('/')
    const heard = this.#heard.get(holder.slice(0, end))
    if (heard?.isLive === true && (heard.row.left === true || heard.row.instance !== holder.slice(end + 1)))
      return true
    const since = Math.max(heard?.at ?? 0, this.#listensSince, seen)
    return performance.now() - since > (heard?.row.holds === true ? heard.row.ttl : leaseTtl)
  }

  /** Resolves when what this device says was heard by itself: the stream is read to there. */
  async #probe(): Promise<void> {
    const heard = deferred()
    const beat = this.#beat + 1
    this.#awaitedBeats.set(beat, heard)
    const timer = setTimeout(() => heard.reject(new Error('not heard')), this.#context.leaseTtl)
    try {
      await this.#say()
      await heard.promise
    } finally {
      clearTimeout(timer)
      this.#awaitedBeats.delete(beat)
    }
  }

  #onCaughtUp(): void {
    this.#isLive = true
    this.#listensSince = performance.now()
    if (!this.#context.isHidden) void this.#say(true)
  }

  #onEvent({ type, key, value }: PresenceEvent): void {
    if ((type !== 'presence' && type !== 'lease') || value === undefined) return
    const known = this.#heard.get(key)
    const isSame = known !== undefined && known.row.instance === value.instance
    // A heartbeat that was overtaken, by the word that the device is gone, say; or one that another stream begins with.
    const isOld = isSame && (value.beat < known.row.beat || (value.beat === known.row.beat && known.isLive))
    if (isOld) return
    // A stream that takes the place of another is read from its beginning: what is newer there was said since.
    const isLive = this.#isLive || (isSame && known.isLive)
    this.#heard.set(key, { row: value, at: performance.now(), isLive, isHidden: type === 'lease' })
    if (key === this.#context.device) {
      for (const [beat, waiting] of this.#awaitedBeats) if (beat <= value.beat) waiting.resolve()
    } else if (value.hello === true && this.#isLive && !this.#context.isHidden) {
      // Not all at the same moment.
      this.#scheduleBeat(Math.random() * 200)
    }
    this.#show()
  }

  #show(): void {
    clearTimeout(this.#expiry)
    const now = performance.now()
    let next = Infinity
    const visible = [...this.#heard].filter(([, { isHidden }]) => !isHidden)
    this.#shown = visible.map(([device, { row, at, isLive }]) => {
      const left = at + row.ttl - now
      const isPresent = isLive && row.left !== true && left > 0
      if (isPresent) next = Math.min(next, left)
      const { participant, kind, name, state, at: lastSeen } = row
      return { device, participant, kind, name, isPresent, state, lastSeen }
    })
    if (next !== Infinity) this.#expiry = setTimeout(() => this.#show(), next + 1)
    this.#listeners.notify()
  }

  get #type(): PresenceEventType {
    return this.#context.isHidden ? 'lease' : 'presence'
  }

  #ttl(): number {
    return this.#holds > 0 ? this.#context.leaseTtl : this.#context.ttl
  }

  #scheduleBeat(ms: number): void {
    if (this.#context.signal.aborted) return
    clearTimeout(this.#nextBeat)
    this.#nextBeat = setTimeout(() => void this.#say(), ms)
  }

  /** Says that this device is there; never rejects, as another try follows. */
  async #say(hello?: boolean): Promise<void> {
    const { signal } = this.#context
    // While one is under way no others pile up behind it; a server that is down has one to take.
    if (signal.aborted) return
    if (!this.#context.isHidden || this.#holds > 0) this.#scheduleBeat(this.#ttl() / beats)
    this.#asksOthers ||= hello === true
    if (this.#isBeating) {
      this.#isDue = true
      return
    }
    this.#isBeating = true
    this.#isDue = false
    this.#lastBeatAt = performance.now()
    const said = this.#state
    const asks = this.#asksOthers
    this.#asksOthers = false
    try {
      await this.#stream.append(this.#event(asks ? { hello: true } : {}), () => this.#absent())
    } catch {
      // The next beat tries again.
      this.#asksOthers ||= asks
    }
    this.#isBeating = false
    // What was to be said meanwhile: another state, another name, or a word of life that somebody waits for.
    if (this.#isDue || said !== this.#state) this.update(this.#state)
  }

  /** Those who are known and not there, the last of them: a new stream begins with when they were seen. */
  #absent(): object[] {
    const gone = new Set(this.#shown.filter(({ isPresent }) => !isPresent).map(({ device }) => device))
    gone.delete(this.#context.device)
    const rows = [...this.#heard].filter(([device]) => gone.has(device)).slice(-mostAbsent)
    return rows.map(([device, { row }]) =>
      presenceEvent('presence', device, { ...row, state: undefined, left: true }),
    )
  }

  #event(rest: Partial<PresenceRow>): object {
    const { me, device } = this.#context
    const value: PresenceRow = {
      ...{ participant: me.id, kind: me.kind, name: me.name, ttl: this.#ttl(), beat: ++this.#beat },
      ...{ instance: this.#instance, holds: this.#holds > 0 },
      ...{ at: new Date().toISOString(), state: this.#state },
      ...rest,
    }
    return presenceEvent(this.#type, device, value)
  }
}
