import type { UIMessage } from '@tanstack/ai/client'
import { mainBranch } from '../branches.ts'
import type { Run } from '../rows.ts'
import { isOver } from '../run-states.ts'
import type { Session } from '../session.ts'
import type { MessageView } from '../thread.ts'
import type { SessionView } from '../view.ts'
import { OutputReader } from '../tool-outputs.ts'
import { toUIMessages } from './ui-messages.ts'

/** What a conversation begins with. */
export interface ConversationOptions {
  readonly branch?: string | undefined
  readonly takeOverTime?: number | undefined
}

/** What a client of the toolkit shows: the messages of a branch, from one of them on. */
export class Conversation {
  readonly session: Session
  /** How long a run may be without a holder before the client is told that it is interrupted, in milliseconds. */
  readonly takeOverTime: number
  /** What the client calls the conversation. */
  threadId: string
  /** The run that the client waits for, by the id that it has given it. */
  currentRunId: string | undefined
  /** Whether a run is the one that the client waits for; absent where it waits for none. */
  awaits: ((run: string) => boolean) | undefined
  /** Messages that the client shows and whose files are being uploaded. */
  unsent: readonly UIMessage[] = []
  /** The approvals that were decided by this client. */
  readonly resolved: Set<string> = new Set()
  #branch: string
  /** Open while somebody watches. */
  #view: SessionView | undefined
  #watchers = 0
  #first: string | undefined
  #shown: readonly MessageView[] = []
  #shownOf: readonly MessageView[] | undefined
  #version = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #waiting = new Set<() => void>()
  readonly #outputs: OutputReader
  /** Messages were made before a result of theirs was read. */
  #isRefreshed = false
  /** Made once for each state of a message: the toolkit's clients share them. */
  readonly #made = new WeakMap<MessageView, readonly UIMessage[]>()

  constructor(session: Session, { branch = mainBranch, takeOverTime = 4_000 }: ConversationOptions = {}) {
    this.session = session
    this.threadId = session.url
    this.takeOverTime = takeOverTime
    this.#branch = branch
    this.#outputs = new OutputReader(session.attachments, () => {
      this.#isRefreshed = true
      this.wake()
    })
  }

  /** Whether a message has results of tools that are being read, as they are too large for the log. */
  isReadingOutputs(view: MessageView | undefined): boolean {
    return view !== undefined && this.#outputs.isReading(view.parts)
  }

  /** Whether messages that were given say more by now; once. */
  takeRefreshed(): boolean {
    const isRefreshed = this.#isRefreshed
    this.#isRefreshed = false
    return isRefreshed
  }

  /** Hears of changes until the function that it returns is called. */
  watch(): () => void {
    const { db, collections } = this.session
    const stop = db.observe({ onChanges: () => this.wake() })
    const subscription = collections.messages.subscribeChanges(() => this.wake())
    this.#watchers++
    this.#view ??= this.session.view({ branch: this.#branch })
    this.wake()
    return () => {
      stop()
      subscription.unsubscribe()
      if (--this.#watchers > 0) return
      clearTimeout(this.#timer)
      this.#view?.close()
      this.#view = undefined
    }
  }

  get branch(): string {
    return this.#branch
  }

  /** Shows another branch from now on. */
  switchTo(branch: string): void {
    this.#branch = branch
    this.#view?.close()
    this.#view = this.#watchers > 0 ? this.session.view({ branch }) : undefined
    this.showFrom(undefined)
    this.wake()
  }

  /** The messages of the branch, all of them. */
  all(): readonly MessageView[] {
    if (this.#view !== undefined) return this.#view.get()
    const view = this.session.view({ branch: this.#branch })
    const all = view.get()
    view.close()
    return all
  }

  /** The messages that the client shows: the same array until one of them changes. */
  shown(): readonly MessageView[] {
    const all = this.all()
    if (all === this.#shownOf) return this.#shown
    const start = this.#first === undefined ? 0 : all.findIndex(({ message }) => message.id === this.#first)
    this.#shownOf = all
    this.#shown = start <= 0 ? all : all.slice(start)
    return this.#shown
  }

  /** Shows the messages from this one on. */
  showFrom(message: string | undefined): void {
    this.#first = message
    this.#shownOf = undefined
  }

  /** Whether a run answers the person whose client this is. */
  isOwn({ triggers }: Run): boolean {
    const { session } = this
    return triggers.some((id) => {
      const by = session.message(id)?.message.author ?? session.collections.branches.get(id)?.by
      return by === session.me.id
    })
  }

  /** Returns the run that is writing a message. */
  activeRun({ message }: MessageView): Run | undefined {
    const run = message.run === undefined ? undefined : this.session.run(message.run)
    return run !== undefined && !isOver(run) ? run : undefined
  }

  /** Returns the toolkit's messages of a message. */
  uiMessages(view: MessageView): readonly UIMessage[] {
    const known = this.#made.get(view)
    if (known !== undefined) return known
    const made = toUIMessages(this.session, view)
    // What streams is not in the parts: the same view says more a moment later.
    if (this.activeRun(view) === undefined && !this.isReadingOutputs(view)) this.#made.set(view, made)
    return made
  }

  /** Counts what has changed. */
  get version(): number {
    return this.#version
  }

  /** Resolves when something has changed since `version`, and when `signal` aborts. */
  async changed(version: number, signal?: AbortSignal): Promise<void> {
    if (version !== this.#version || signal?.aborted === true) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal?.removeEventListener('abort', done)
        this.#waiting.delete(done)
        resolve()
      }
      this.#waiting.add(done)
      signal?.addEventListener('abort', done, { once: true })
    })
  }

  /** Tells everybody who waits to look again. */
  wake(): void {
    this.#version++
    for (const run of [...this.#waiting]) run()
  }

  wakeIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.wake(), ms)
  }
}
