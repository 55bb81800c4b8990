// More than 300 lines: finding work, claiming it, running it and handing it over share one queue, and one set of held runs.
import { createHttpSender, deferred, openStream } from '@streamdb/log'
import { ActiveRun } from './active-run.ts'
import type { ResolvedAgentOptions } from './agent-options.ts'
import { branchOf, mainBranch } from './branches.ts'
import { claim } from './claim.ts'
import type { Claim, ClaimContext } from './claim.ts'
import { SessionError } from './errors.ts'
import type { HeldRun } from './held-run.ts'
import { joinAgent } from './join-agent.ts'
import { plan } from './plan.ts'
import { countedAttempts, isOver } from './run-states.ts'
import type { Branch, Decision, Message, QueueItem, Run } from './rows.ts'
import type { SessionParts } from './session-parts.ts'
import { isWorkingIn, runIdOf, workOfBranch, workOfDecision, workOfMessage, workOfQueueItem } from './work.ts'
import type { Work, WorkContext } from './work.ts'

/** How long a run that was handed over here is left to others, in milliseconds. */
const handedOverFor = 3_000

/** In milliseconds. */
const longestTimer = 2 ** 31 - 1

/** After a claim that failed, for how long nothing of the same lane is claimed, at first and at most, in milliseconds. */
const claimPause = { first: 500, longest: 30_000 }

/** An agent in this process: finds what it is to answer, claims it, and runs its handler. */
export class AgentWorker {
  readonly name: string
  readonly #session: SessionParts
  readonly #options: ResolvedAgentOptions
  readonly #work: WorkContext
  readonly #claims: ClaimContext
  readonly #stopping = new AbortController()
  readonly #started = deferred()
  /** What is to be answered, in the order of the log. */
  readonly #pending = new Map<string, Work>()
  /** What a run answers, or has answered. */
  readonly #covered = new Set<string>()
  readonly #active = new Map<string, ActiveRun>()
  readonly #claiming = new Set<string>()
  readonly #working = new Set<Promise<void>>()
  readonly #leftToOthers = new Map<string, number>()
  /** By lane, or run, where claiming has failed. */
  readonly #paused = new Map<string, { readonly ms: number; readonly until: number }>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #quietSince = 0
  #stop: () => void = () => undefined

  constructor(session: SessionParts, options: ResolvedAgentOptions) {
    this.name = options.name
    this.#session = session
    this.#options = options
    const { db, order, thread, texts, redact, leases, streamOptions, clock } = session
    this.#work = { db, order, thread, texts, options }
    const signal = session.closing.signal
    // What it claims tells it the server's time, before anything of it can expire.
    const fetch = clock.noting(streamOptions.fetch)
    const sender = createHttpSender({ ...openStream({ ...streamOptions, fetch }), signal })
    this.#claims = {
      db,
      sender,
      agent: options.name,
      holder: leases.holder,
      redact,
      signal,
      usedUp: new Map(),
    }
  }

  get isStopped(): boolean {
    return this.#stopping.signal.aborted
  }

  /** Resolves when the agent has joined, and knows what it is to answer. Rejects where the session cannot be read. */
  get ready(): Promise<void> {
    return this.#started.promise
  }

  /** The runs that this process works on. */
  get runs(): readonly Run[] {
    return [...this.#active.values()].map(({ row }) => row)
  }

  /** How much waits here, and what is under way: nothing of both where this process has nothing to do for the agent. */
  get backlog(): { readonly waiting: number; readonly underWay: readonly Promise<void>[] } {
    return { waiting: this.#pending.size, underWay: [...this.#working] }
  }

  async start(): Promise<void> {
    const { db } = this.#session
    try {
      await db.preload()
      // What it is to answer, and what it has answered, may lie anywhere.
      await this.#session.thread.loadAll()
      await joinAgent(this.#session, this.#options)
    } catch (error) {
      this.#started.reject(error)
      this.#options.onError?.(error)
      return
    }
    if (this.isStopped) return
    this.#stop = db.observe({
      onChanges: ({ rows, replaces }) => {
        // Tokens of others come often, and ask for nothing.
        if (!replaces && ![...rows.keys()].some((type) => type !== 'delta' && type !== 'part')) return
        if (replaces) this.#findAll()
        else this.#find(rows)
        this.#pump()
      },
    })
    this.#findAll()
    this.#startSchedules()
    this.#pump()
    this.#started.resolve()
  }

  /** Takes no more work, and hands over the runs under way; resolves when others can take them. */
  async stop(): Promise<void> {
    this.abandon()
    const active = [...this.#active.values()]
    for (const run of active)
      run.stop(new SessionError('closed', `The agent "${this.name}" was stopped here`))
    await Promise.all([...this.#working])
  }

  /** Takes no more work; what is under way ends with the session. */
  abandon(): void {
    if (this.isStopped) return
    this.#stopping.abort()
    this.#stop()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#started.resolve()
  }

  #findAll(): void {
    const { messages, branches, queueItems, decisions, runs } = this.#session.db.collections
    this.#pending.clear()
    this.#covered.clear()
    for (const run of runs.values()) this.#cover(run)
    const { order } = this.#session
    const inOrder = [...messages.values()].sort(
      (a, b) => order.of('message', a.id) - order.of('message', b.id),
    )
    for (const message of inOrder) this.#add(workOfMessage(message, this.#work))
    for (const branch of branches.values()) this.#add(workOfBranch(branch, this.#work))
    for (const item of queueItems.values()) this.#add(workOfQueueItem(item, this.#work))
    for (const decision of decisions.values()) this.#add(workOfDecision(decision, this.#work))
  }

  #find(rows: ReadonlyMap<string, ReadonlyMap<string, unknown>>): void {
    const each = <Row>(type: string, add: (row: Row) => void): void => {
      // The rows of the type, as its schema returned them.
      for (const row of rows.get(type)?.values() ?? []) if (row !== undefined) add(row as Row)
    }
    each<Run>('run', (run) => {
      this.#cover(run)
      if (!isOver(run)) return
      // Now it is complete: it may call upon this agent, and what was to steer it is a message.
      const { messages, queueItems } = this.#session.db.collections
      const answer = messages.get(run.message)
      if (answer !== undefined) this.#add(workOfMessage(answer, this.#work))
      for (const item of queueItems.values())
        if (item.run === run.id) this.#add(workOfQueueItem(item, this.#work))
    })
    each<Message>('message', (message) => this.#add(workOfMessage(message, this.#work)))
    each<Branch>('branch', (branch) => this.#add(workOfBranch(branch, this.#work)))
    each<QueueItem>('queueItem', (item) => this.#add(workOfQueueItem(item, this.#work)))
    each<Decision>('decision', (decision) => this.#add(workOfDecision(decision, this.#work)))
  }

  #cover({ agent, triggers }: Run): void {
    if (agent !== this.name) return
    for (const trigger of triggers) {
      this.#covered.add(trigger)
      this.#pending.delete(trigger)
    }
  }

  #add(work: Work | undefined): void {
    if (work === undefined || this.#covered.has(work.id) || this.#pending.has(work.id)) return
    this.#pending.set(work.id, work)
    this.#quietSince = performance.now()
    if (this.#options.concurrency === 'debounce') this.#later(this.#options.debounce, () => this.#pump())
  }

  #startSchedules(): void {
    for (const trigger of this.#options.triggers) {
      if (typeof trigger !== 'object') continue
      const { every } = trigger
      // The same number in every process: one of them runs it.
      let last = Math.floor(Date.now() / every)
      const look = (): void => {
        const number = Math.floor(Date.now() / every)
        // A timer may be early, and takes no more than some 25 days.
        if (number > last) this.#tick(every, number)
        last = Math.max(last, number)
        this.#later(Math.min((last + 1) * every - Date.now(), longestTimer), look)
      }
      look()
    }
  }

  #tick(every: number, number: number): void {
    this.#add({
      id: `tick-${every}-${number}`,
      kind: 'schedule',
      branch: mainBranch,
      depth: 0,
      place: Infinity,
    })
    this.#pump()
  }

  /** Begins what can be begun now. Called after every change that matters. */
  #pump(): void {
    if (this.isStopped) return
    const { runs } = this.#session.db.collections
    for (const run of runs.values())
      if (run.agent === this.name && run.status === 'interrupted') this.#takeOver(run)
    const lanes = new Map<string, [Work, ...Work[]]>()
    for (const work of [...this.#pending.values()].sort(byPlace)) {
      const lane = lanes.get(work.branch)
      if (lane === undefined) lanes.set(work.branch, [work])
      else lane.push(work)
    }
    for (const [branch, works] of lanes) this.#pumpLane(branch, works)
  }

  /** A timer may run a fraction of a millisecond early: then nobody else would look again. */
  #waitOn(isBusy: boolean, quietFor: number): void {
    const { concurrency, debounce } = this.#options
    if (concurrency === 'debounce' && !isBusy && debounce - quietFor < 2) this.#later(1, () => this.#pump())
  }

  #pumpLane(branch: string, works: readonly [Work, ...Work[]]): void {
    if (this.#claiming.has(branch)) return
    const { runs } = this.#session.db.collections
    const isWorking = isWorkingIn(branch, this.name)
    const own = [...this.#active.values()].filter(
      ({ row }) => branchOf(row) === branch && row.status === 'running',
    )
    const isBusy = own.length > 0 || [...runs.values()].some(isWorking)
    const quietFor = performance.now() - this.#quietSince
    const next = plan(this.#options, { works, isBusy, quietFor })
    switch (next.type) {
      case 'wait':
        this.#waitOn(isBusy, quietFor)
        return
      case 'supersede':
        for (const run of own) run.stop(new SessionError('superseded', 'A newer message took its place'))
        return
      case 'skip':
        this.#begin(branch, { type: 'new', works: next.works, status: 'skipped' })
        return
      case 'start':
        this.#begin(branch, { type: 'new', works: next.works })
    }
  }

  #takeOver(run: Run): void {
    if (this.#active.has(run.id) || this.#claiming.has(run.id)) return
    const until = this.#leftToOthers.get(run.id) ?? 0
    const now = performance.now()
    if (now < until) {
      this.#later(until - now, () => this.#pump())
      return
    }
    const isSpent = countedAttempts(run) >= this.#options.maxAttempts
    this.#begin(run.id, { type: 'taken-over', run, status: isSpent ? 'failed' : undefined })
  }

  /** Claims, and works on what was claimed. `key`: what nobody else here is to claim meanwhile. */
  #begin(key: string, what: Claim): void {
    const paused = this.#paused.get(key)
    if (paused !== undefined && performance.now() < paused.until) return
    this.#claiming.add(key)
    const working = this.#claimAndWork(key, what)
    this.#working.add(working)
    void working.finally(() => {
      this.#working.delete(working)
      this.#pump()
    })
  }

  async #claimAndWork(key: string, what: Claim): Promise<void> {
    let held: HeldRun | undefined
    try {
      held = await claim(what, this.#claims)
      this.#paused.delete(key)
    } catch (error) {
      this.#pause(key)
      this.#options.onError?.(error)
    }
    if (what.type === 'new') this.#afterClaim(what.works, held)
    if (held === undefined || what.status !== undefined || this.#session.closing.signal.aborted) {
      this.#claiming.delete(key)
      return
    }
    const run = new ActiveRun(this.#session, held, this.#options)
    this.#active.set(held.row.id, run)
    this.#claiming.delete(key)
    if (this.isStopped) run.stop(new SessionError('closed', `The agent "${this.name}" was stopped here`))
    this.#pump()
    await run.work()
    this.#active.delete(held.row.id)
    if (run.row.status === 'interrupted')
      this.#leftToOthers.set(run.row.id, performance.now() + handedOverFor)
  }

  /** What was refused once is refused again: it is tried again, and not at once. */
  #pause(key: string): void {
    const { ms: before = claimPause.first / 2 } = this.#paused.get(key) ?? {}
    const ms = Math.min(2 * before, claimPause.longest)
    this.#paused.set(key, { ms, until: performance.now() + ms })
    // A timer may be early.
    this.#later(ms + 1, () => this.#pump())
  }

  #afterClaim(works: readonly Work[], held: HeldRun | undefined): void {
    // Where another process was faster, its run covers some of them; the log has told of it.
    for (const { id } of works) {
      if (held === undefined && !this.#session.db.collections.runs.has(runIdOf(this.name, { id }))) continue
      this.#covered.add(id)
      this.#pending.delete(id)
    }
  }

  #later(ms: number, run: () => void): void {
    if (this.isStopped) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
  }
}

function byPlace(a: Work, b: Work): number {
  return a.place === b.place ? 0 : a.place - b.place
}
