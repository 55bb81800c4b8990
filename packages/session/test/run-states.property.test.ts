import { createHttpSender, openStream } from '@streamdb/log'
import { fold, isChangeEvent } from '@streamdb/state'
import type { ChangeEvent } from '@streamdb/state'
import { createFencedLog, eventually } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSession } from '../src/index.ts'
import type { AgentRun, Part, Run, Session } from '../src/index.ts'
import { PartTexts } from '../src/part-texts.ts'
import { isOver } from '../src/run-states.ts'
import { interruptRun } from '../src/run-watch.ts'
import type { SessionDB } from '../src/session-db.ts'

const url = 'http://streamdb.test/session'
const maxAttempts = 4
const patient = { timeout: 20_000 }

/** What happens while a run goes on. */
const happenings = [
  ...(['write', 'write', 'write', 'finish', 'throw', 'steer', 'take', 'cancel'] as const),
  // Its lease runs out though it lives; its process is gone; it gives the run away.
  ...(['expire', 'die', 'hand over'] as const),
  // The next append of anybody: its answer is lost, it never arrives, or it arrives when others have gone on.
  ...(['lose an answer', 'drop', 'hold', 'let go'] as const),
]
type Happening = (typeof happenings)[number]

/** Tokens in their order; every third holds what is not to be told. */
const tokens = Array.from({ length: 400 }, (_, index) => `${index}${index % 3 === 2 ? ' secret' : ''} `)
const whole = tokens.join('').replaceAll('secret', '[gone]')

function redact({ type, value }: { readonly type: string; readonly value: object }): object {
  const { text } = value as { readonly text?: unknown } // looked at
  return type === 'part' && typeof text === 'string'
    ? { ...value, text: text.replaceAll('secret', '[gone]') }
    : value
}

type Command = 'write' | 'finish' | 'throw' | 'take' | 'hand over'

/** Two processes of an agent, and somebody who asks it, over one log. */
function createWorld() {
  const log = createFencedLog()
  const presence = createFencedLog()
  const waiting = new Map<string, (command: Command) => void>()
  const closed = new Set<string>()
  const sessions = new Map<string, Session>()

  const fetchOf =
    (who: string): typeof fetch =>
    (input, init) => {
      const target = new URL(input instanceof Request ? input.url : input)
      if (closed.has(who)) return Promise.reject(new TypeError('gone'))
      return (target.pathname.endsWith('/presence') ? presence : log).fetchOf(who)(input, init)
    }

  function open(who: string): Session {
    const session = openSession({
      ...{ url, me: { id: who }, device: who, redact, presence: { leaseTtl: 60_000 } },
      streamOptions: {
        fetch: fetchOf(who),
        backoffOptions: { initialDelay: 1, maxDelay: 2, multiplier: 1 },
      },
      db: { live: 'long-poll', retry: { initialDelay: 1, maxDelay: 2 } },
    })
    sessions.set(who, session)
    return session
  }

  async function handle(who: string, run: AgentRun): Promise<void> {
    let writer = run.openText()
    let next = 0
    for (;;) {
      const command = await new Promise<Command>((resolve, reject) => {
        waiting.set(`${who} ${run.id}`, resolve)
        // The signal of a run aborts with a SessionError.
        run.signal.addEventListener('abort', () => reject(run.signal.reason as Error), { once: true })
      })
      if (command === 'write') for (const end = next + 3; next < end; next++) writer.write(tokens[next] ?? '')
      else if (command === 'take') await run.takeSteers()
      else if (command === 'hand over') await run.handOver()
      else if (command === 'throw') throw new Error('The model broke')
      else {
        await writer.end()
        return
      }
      if (next > 350) {
        await writer.end()
        writer = run.openText()
        next = 0
      }
    }
  }

  async function startAgent(who: string): Promise<void> {
    const session = open(who)
    const options = { maxAttempts, retryDelay: 1, deltas: { interval: 0, laterInterval: 0, later: 0 } }
    await session.agent({ ...options, name: 'bot', handle: (run) => handle(who, run) }).ready
  }

  function tell(command: Command): void {
    const all = [...waiting.values()]
    waiting.clear()
    for (const take of all) take(command)
  }

  return { log, fetchOf, open, startAgent, tell, closed, sessions }
}

async function play(drawn: readonly Happening[]): Promise<readonly ChangeEvent[]> {
  const world = createWorld()
  const { log, fetchOf, open, startAgent, tell, closed, sessions } = world
  const ada = open('ada')
  await ada.preload()
  await Promise.all(['one', 'two'].map(startAgent))
  await ada.send('Count')
  const runOf = (): Run | undefined => [...ada.collections.runs.values()][0]
  await eventually(() => expect(runOf()).toBeDefined())
  let steers = 0
  let isGivenAway = false
  const usedUp = new Map<string, number>()

  async function expire(run: Run): Promise<void> {
    if (run.status !== 'running' && run.status !== 'waiting') return
    const signal = AbortSignal.timeout(5_000)
    const sender = createHttpSender({
      ...openStream({ url, warnOnHttp: false, fetch: fetchOf('watcher') }),
      signal,
    })
    const texts = { get: (part: string) => ada.text(part).get() }
    // A session's own collections, whatever is beside them.
    const db = ada.db as unknown as SessionDB
    await interruptRun(run, { db, texts, sender, signal, usedUp })
  }

  /** What the process that is gone has held, or claims in its last moment. */
  async function buryDead(): Promise<void> {
    if (!closed.has('one')) return
    for (const run of ada.collections.runs.values())
      if (run.holder?.startsWith('one/') === true) await expire(run)
  }

  async function happen(what: Happening): Promise<void> {
    const run = runOf()
    switch (what) {
      case 'hand over':
        // A process leaves what it gave away to the other one for a while: once is enough.
        if (!isGivenAway) tell(what)
        isGivenAway = true
        return
      case 'write':
      case 'finish':
      case 'throw':
      case 'take':
        tell(what)
        return
      case 'steer':
        if (run !== undefined && !isOver(run))
          void ada.steer(`Steer ${steers++}`, { run }).catch(() => undefined)
        return
      case 'cancel':
        if (run !== undefined) await ada.cancel(run).catch(() => undefined)
        return
      case 'expire':
        if (run !== undefined) await expire(run)
        return
      case 'die':
        closed.add('one')
        sessions.get('one')?.close()
        await buryDead()
        return
      case 'lose an answer':
      case 'drop': {
        let isDone = false
        log.fault = () => {
          if (isDone) return 'none'
          isDone = true
          return what === 'drop' ? 'drop' : 'lose-answer'
        }
        return
      }
      case 'hold':
        log.delayNext(run?.holder?.startsWith('two/') === true ? 'two' : 'one')
        return
      case 'let go':
        log.release()
    }
  }

  for (const what of drawn) {
    await happen(what)
    await turn()
  }
  log.fault = undefined
  await eventually(async () => {
    await buryDead()
    log.release()
    tell('finish')
    const run = runOf()
    expect(run === undefined ? undefined : isOver(run)).toBe(true)
  }, patient)
  // What steered nobody becomes a message, and is answered.
  await eventually(async () => {
    await buryDead()
    log.release()
    tell('finish')
    expect([...ada.collections.runs.values()].every(isOver)).toBe(true)
    expect([...ada.collections.queueItems.values()].every(({ outcome }) => outcome !== undefined)).toBe(true)
  }, patient)
  await eventually(async () => {
    await buryDead()
    log.release()
    tell('finish')
    if (!closed.has('one')) expect(ada.collections.deltas.size).toBe(0)
    expect([...ada.collections.runs.values()].every(isOver)).toBe(true)
  }, patient)
  for (const session of sessions.values()) session.close()
  return log.events.filter((event) => isChangeEvent(event))
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2))
}

/** Checks what every reader may see, after each event of the log. */
function check(events: readonly ChangeEvent[]): void {
  const parts = new Map<string, Part>()
  const runs = new Map<string, Run>()
  const messages = new Map<string, number>()
  const texts = new PartTexts({
    // Only what the fold asks of a database.
    collections: { parts: { get: (id: string) => parts.get(id) } },
    observe: () => () => undefined,
  } as unknown as ConstructorParameters<typeof PartTexts>[0])
  for (const event of events) {
    const { type, key, value, headers } = event
    const isDelete = headers.operation === 'delete'
    if (type === 'run') {
      const run = value as Run // written by the package
      const before = runs.get(key)
      // One end, which stays; epochs grow; the budget holds.
      if (before !== undefined && isOver(before)) expect([key, run.status]).toEqual([key, 'nothing more'])
      expect(run.epoch).toBeGreaterThanOrEqual(before?.epoch ?? 0)
      expect(run.attempt).toBeLessThanOrEqual(maxAttempts)
      if (run.epoch === before?.epoch) expect(run.holder).toBe(before.holder)
      runs.set(key, run)
    }
    if (type === 'message' && headers.operation === 'insert') messages.set(key, (messages.get(key) ?? 0) + 1)
    if (type === 'part') {
      const owner = parts.get(key)?.message ?? (value as Part | undefined)?.message ?? ''
      const run = runs.get(owner)
      // Nothing is written into an answer that has ended: its end was one append, with what was open.
      if (run !== undefined && isOver(run)) expect([key, headers.operation]).toEqual([key, 'nothing more'])
      if (isDelete) parts.delete(key)
      else parts.set(key, value as Part)
    }
    if (type === 'delta' && !isDelete) {
      const owner = parts.get(key.slice(0, key.lastIndexOf(':')))
      const run = owner && runs.get(owner.message)
      if (run !== undefined) expect([key, isOver(run)]).toEqual([key, false])
      expect(JSON.stringify(value)).not.toMatch(/secret/)
    }
    const changes = fold([event])
    texts.apply({ rows: changes.rows, replaces: changes.replaces })
    for (const part of parts.values()) {
      if (!runs.has(part.message)) continue
      const text = texts.get(part.id)
      expect(whole.startsWith(text), text).toBe(true)
    }
  }
  expect([...messages.values()].every((count) => count === 1)).toBe(true)
  for (const run of runs.values()) expect(isOver(run)).toBe(true)
  for (const part of parts.values()) expect(part.state).not.toBe('streaming')
}

/** With `RUNS` as many as it says, drawn anew; otherwise the same few. */
const runs = process.env['RUNS']

test('[A95] whatever happens to a run, it has one end, and nothing follows it; its text only grows, and is never there twice', async () => {
  const drawn = fc.array(fc.constantFrom(...happenings), { minLength: 4, maxLength: 16 })
  await fc.assert(
    fc.asyncProperty(drawn, async (all) => check(await play(all))),
    {
      ...(runs === undefined ? { numRuns: 8, seed: 12 } : { numRuns: Number(runs), endOnFailure: true }),
      examples: [
        // Its lease ran out in the moment in which it ended.
        [['die', 'write', 'throw', 'write', 'write', 'throw', 'write', 'throw', 'expire']],
        // Cancelled while it waited for another attempt.
        [['write', 'hand over', 'throw', 'cancel', 'write', 'drop', 'write']],
      ],
    },
  )
}, 120_000)
