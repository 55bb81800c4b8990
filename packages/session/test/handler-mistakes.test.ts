import { eventually } from '@streamdb/testkit'
import { expect, test, vi } from 'vitest'
import { writeUIMessageStream } from '../src/ai-sdk/index.ts'
import type { AgentOptions, AgentRun, Run, Session, SessionOptions } from '../src/index.ts'
import { answerWithChat } from '../src/tanstack-ai/index.ts'
import { lines, newSessionUrl, open } from './support/sessions.ts'

interface Answered {
  readonly ada: Session
  readonly errors: readonly unknown[]
  readonly id: string
}

/** Opens a session with an agent, and says something to it. */
async function ask(handle: AgentOptions['handle'], options: Partial<SessionOptions> = {}): Promise<Answered> {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const host = await open(url, 'host', options)
  const errors: unknown[] = []
  await host.agent({ name: 'bot', maxAttempts: 1, onError: (error) => errors.push(error), handle }).ready
  const { id } = await ada.send('Hi')
  return { ada, errors, id: `bot.${id}` }
}

/** Resolves with the run of its answer when it is over. */
async function ended({ ada, id }: Answered): Promise<Run> {
  return eventually(() => {
    const run = ada.run(id)
    expect(['done', 'failed']).toContain(run?.status)
    return run as Run
  })
}

async function* slowly(...texts: string[]): AsyncGenerator<string> {
  for (const text of texts) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    yield text
  }
}

// What callers without types give.
const big = 1n as unknown as number

test.each<[what: string, (run: AgentRun) => unknown]>([
  ['the result of a step', (run) => run.step('count', () => big)],
  ['data', (run) => run.data('count', big)],
  ['the result of a tool', (run) => run.tool({ name: 'count', input: {}, run: () => big })],
  ['the input of a tool', (run) => run.tool({ name: 'count', input: big, run: () => 1 })],
])('[A95] where %s is no JSON its run fails, says why, and leaves nothing under way', async (_, handle) => {
  const answered = await ask(handle)
  expect(await ended(answered)).toMatchObject({ status: 'failed', reason: expect.stringMatching('BigInt') })
  const { ada, id } = answered
  for (const { toolState } of ada.message(id)?.parts ?? []) expect(toolState).toBe('output-error')
})

test('[A13] [A95] a text that the handler does not wait for is whole before its run is done', async () => {
  const answered = await ask((run) => void run.text(slowly('One', ', two', ', three')))
  expect(await ended(answered)).toMatchObject({ status: 'done' })
  expect(lines(answered.ada)).toEqual(['ada: Hi', 'bot: One, two, three'])
})

test('[A13] [A95] tools and steps that the handler does not wait for have ended before its run is done', async () => {
  const answered = await ask((run) => {
    const soon = {
      name: 'wait',
      input: {},
      run: () => new Promise((resolve) => setTimeout(resolve, 20, 'soon')),
    }
    void run.tool(soon)
    void run.step('say', () => run.text(slowly('One', ', two')))
  })
  expect(await ended(answered)).toMatchObject({ status: 'done' })
  expect(answered.ada.message(answered.id)?.parts).toMatchObject([
    { toolState: 'output-available', output: 'soon' },
    { text: 'One, two', state: 'done' },
  ])
})

test('[A95] what a handler has left running writes nothing behind the end of its run', async () => {
  let write: (() => Promise<unknown>) | undefined
  const answered = await ask((run) => void (write = () => run.data('late', true)))
  await ended(answered)
  await expect(write?.()).rejects.toMatchObject({ code: 'run-over' })
})

test('[A13] steps of one name, as in a loop, are different steps', async () => {
  const answered = await ask(async (run) => {
    for (const word of ['One', 'Two']) await run.text(await run.step('say', () => word))
  })
  await ended(answered)
  expect(lines(answered.ada).slice(1)).toEqual(['bot: One', 'bot: Two'])
  expect([...answered.ada.collections.steps.values()].map(({ name }) => name).sort()).toEqual([
    'say',
    'say#2',
  ])
})

test.each<[what: string, source: unknown, received: string]>([
  ['a promise', Promise.resolve('Hi'), 'a promise'],
  ['a stream of chunks', [{ type: 'text-delta' }], 'an object with type'],
  ['nothing', undefined, 'undefined'],
])('[A13] %s is no text: the run says so', async (_, source, received) => {
  const answered = await ask((run) => run.text(source as string))
  expect((await ended(answered)).reason).toMatch(`received ${received}`)
})

test.each<[toolkit: string, handle: (run: AgentRun) => unknown]>([
  ['the AI SDK', (run) => writeUIMessageStream(run, () => undefined as unknown as AsyncIterable<never>)],
  ['TanStack AI', (run) => answerWithChat(run, () => undefined as unknown as AsyncIterable<never>)],
])('[A13] a callback of %s that returns no stream: the run says so', async (_, handle) => {
  const answered = await ask(handle)
  expect((await ended(answered)).reason).toMatch(/[Ee]xpected .* stream.*received undefined/)
})

test('[A11] a state of presence that is no JSON is refused: a heartbeat could not carry it', async () => {
  const ada = await open(await newSessionUrl(), 'ada')
  expect(() => ada.presence?.update({ count: 1n })).toThrow(
    expect.objectContaining({ code: 'invalid-options' }),
  )
  expect(ada.presence?.state).toBeUndefined()
})

const failing = {
  throws: () => {
    throw new Error('No hook')
  },
  'returns nothing': () => undefined as unknown as object,
  'returns a promise': ({ value }: { value: object }) => Promise.resolve(value),
}

test.each(Object.entries(failing))(
  '[A10] where the redaction hook %s nothing is written, and an agent does not ask again at once',
  async (_, redact) => {
    const handle = vi.fn()
    const { ada, errors } = await ask(handle, { redact })
    await eventually(() => expect(errors).not.toHaveLength(0))
    const bob = await open(ada.url, 'bob', { redact })
    await expect((async () => bob.send('secret'))()).rejects.toThrow(/No hook|Nothing was written/)
    // After half a second, a second, two seconds, and so on.
    expect(errors.length).toBeLessThan(6)
    expect(handle).not.toHaveBeenCalled()
    expect(lines(ada)).toEqual(['ada: Hi'])
  },
)

test('[A10] [A95] where the redaction hook refuses a text while it streams, its run ends with what was sent', async () => {
  const redact: SessionOptions['redact'] = ({ value }) => {
    if (JSON.stringify(value).includes('secret')) throw new Error('Refused')
    return value
  }
  const answered = await ask((run) => run.text(slowly('A'.repeat(100), 'secret', '!', '!', '!')), { redact })
  expect(await ended(answered)).toMatchObject({ status: 'failed', reason: 'Refused' })
  const [part] = answered.ada.message(answered.id)?.parts ?? []
  expect(part).toMatchObject({ state: 'failed', text: expect.stringMatching(/^A*$/) })
})

test.each([
  [{ concurrency: 'parallel' }, 'queue, latest'],
  [{ triggers: ['mesage'] }, 'message, mention'],
  [{ triggers: [{ every: 0 }] }, 'every'],
  [{ maxAttempts: 0 }, 'from 1 on'],
  [{ retryDelay: Number.NaN }, 'from 0 on'],
])('[A13] an agent with the options %j is refused, with what is expected', async (options, expected) => {
  const ada = await open(await newSessionUrl(), 'ada')
  // What callers without types give.
  const given = { name: 'bot', handle: () => undefined, ...options } as unknown as AgentOptions
  expect(() => ada.agent(given)).toThrow(
    expect.objectContaining({ code: 'invalid-options', message: expect.stringMatching(expected) }),
  )
})

test('[A13] a schedule that is longer than a timer can be does not run at once', async () => {
  const ada = await open(await newSessionUrl(), 'ada')
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const agent = ada.agent({
    name: 'bot',
    // Its next tick is some years away.
    triggers: [{ every: Math.floor(Date.now() / 1.5) }],
    handle: () => undefined,
  })
  await agent.ready
  const waits = timers.mock.calls.map(([, ms = 0]) => ms)
  timers.mockRestore()
  expect(Math.max(...waits)).toBeLessThan(2 ** 31)
  expect(waits.filter((ms) => ms > 3_600_000)).toHaveLength(1)
  await agent.stop()
})
