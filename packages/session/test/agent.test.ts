import { eventually, itemsOf } from '@streamdb/testkit'
import { expect, test, vi } from 'vitest'
import { toModelMessages } from '../src/index.ts'
import type { AgentOptions, AgentRun, Concurrency, Session } from '../src/index.ts'
import { lines, newSessionUrl, open } from './support/sessions.ts'

async function openWith(handle: AgentOptions['handle'], options: Partial<AgentOptions> = {}) {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const host = await open(url, 'host', { presence: { leaseTtl: 1_000 } })
  const agent = host.agent({ name: 'bot', retryDelay: 1, ...options, handle })
  await agent.ready
  return { url, ada, host, agent }
}

function statuses(session: Session): string[] {
  return [...session.collections.runs.values()].map(({ id, status }) => `${id}: ${status}`)
}

async function* tokens(...texts: string[]) {
  for (const text of texts) {
    await new Promise((resolve) => setTimeout(resolve, 30))
    yield text
  }
}

test('[A13] an agent answers a message by a text that streams, is settled, and whose deltas are swept', async () => {
  const { ada, url } = await openWith((run) => run.text(tokens('He', 'llo', ', ', 'Ada')))
  const { id } = await ada.send('Hi')
  await eventually(() => expect(statuses(ada)).toEqual([`bot.${id}: done`]))
  expect(lines(ada)).toEqual(['ada: Hi', 'bot: Hello, Ada'])
  const [part] = ada.view().get()[1]?.parts ?? []
  expect(part).toMatchObject({ kind: 'text', state: 'done', text: 'Hello, Ada' })
  await eventually(() => expect(ada.collections.deltas.size).toBe(0))
  const log = await itemsOf<{ type: string; headers: object }>(await fetch(`${url}?offset=-1`))
  expect(log.filter(({ type }) => type === 'delta').length).toBeGreaterThan(1)
})

test('[A13] reasoning, tools, questions and data are parts of the answer, for models too', async () => {
  const { ada } = await openWith(async (run) => {
    await run.reasoning('hm')
    const sum = await run.tool({ name: 'add', input: [1, 2], run: ([a = 0, b = 0]) => a + b })
    const answer = await run.ask({ question: 'Really?', kind: 'input' })
    await run.data('mood', { happy: answer.value })
    await run.text(`It is ${sum}`)
  })
  await ada.send('1 + 2?')
  const pending = await eventually(() => {
    const [approval] = [...ada.collections.approvals.values()]
    expect(approval).toMatchObject({ status: 'pending', question: 'Really?' })
    return approval?.id ?? ''
  })
  expect(statuses(ada)[0]).toMatch('waiting')
  await ada.answer(pending, 'yes')
  await eventually(() => expect(statuses(ada)[0]).toMatch('done'))
  expect(ada.collections.approvals.get(pending)).toMatchObject({
    status: 'answered',
    by: 'ada',
    value: 'yes',
  })
  expect(ada.toModelMessages().slice(1)).toEqual([
    {
      ...{ role: 'assistant', author: 'bot' },
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'tool-call', id: expect.any(String), name: 'add', input: [1, 2] },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', id: expect.any(String), name: 'add', output: 3 }] },
    {
      ...{ role: 'assistant', author: 'bot' },
      content: [
        { type: 'data', name: 'mood', data: { happy: 'yes' } },
        { type: 'text', text: 'It is 3' },
      ],
    },
  ])
})

test('[A8] a tool that needs approval is run when somebody approves, and not when somebody denies', async () => {
  const run = vi.fn((input: string) => `deleted ${input}`)
  const { ada } = await openWith(async (answer) => {
    const result = await answer
      .tool({ name: 'delete', input: 'all', approval: true, run })
      .catch((error: unknown) => String(error))
    await answer.text(result)
  })
  for (const decide of ['deny', 'approve'] as const) {
    await ada.send(decide)
    const id = await eventually(() => {
      const pending = [...ada.collections.approvals.values()].find(({ status }) => status === 'pending')
      expect(pending?.data).toEqual({ name: 'delete', input: 'all' })
      return pending?.id ?? ''
    })
    expect(run).not.toHaveBeenCalled()
    await ada[decide](id)
    await eventually(() =>
      expect(statuses(ada).filter((status) => status.endsWith('done'))).toHaveLength(
        decide === 'deny' ? 1 : 2,
      ),
    )
  }
  expect(lines(ada).at(-1)).toBe('bot: deleted all')
  expect(lines(ada)[3]).toMatch('ada denied it')
})

test('[A8] a question expires, and its run goes on with a typed error', async () => {
  const { ada } = await openWith(async (run) => {
    const outcome = await run
      .ask({ question: 'Quick?', expiresIn: 50 })
      .catch(({ code }: { code: string }) => code)
    await run.text(String(outcome))
  })
  await ada.send('Hi')
  await eventually(() => expect(lines(ada)).toEqual(['ada: Hi', 'bot: expired']))
  const [approval] = [...ada.collections.approvals.values()]
  expect(approval).toMatchObject({ status: 'expired' })
  await expect(ada.approve(approval?.id ?? '')).rejects.toMatchObject({ code: 'expired' })
})

test('[F-session-1] a participant who comes later stops an answer that another device has begun to read', async () => {
  const stopped = vi.fn()
  const { ada, url } = await openWith(async (run) => {
    run.signal.addEventListener('abort', stopped)
    await run.text(forever())
  })
  const { id } = await ada.send('Hi')
  const bob = await open(url, 'bob')
  await eventually(() => expect(lines(bob).at(-1)).toMatch(/bot: \.\./))
  await bob.cancel(`bot.${id}`)
  await eventually(() => expect(statuses(bob)).toEqual([`bot.${id}: cancelled`]))
  expect(stopped).toHaveBeenCalledOnce()
  const text = lines(bob).at(-1)
  expect(ada.view().get()[1]?.parts).toMatchObject([{ state: 'interrupted' }])
  await expect(ada.cancel(`bot.${id}`)).rejects.toMatchObject({ code: 'run-over' })
  await ada.send('Again')
  expect(lines(bob)).toContain(text)
})

async function* forever() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    yield '.'
  }
}

test('[A14] [F-session-5] a step is not run again when the run is tried again; what it has written stays, and nothing is doubled', async () => {
  const step = vi.fn(() => 42)
  const { ada } = await openWith(async (run) => {
    const value = await run.step('compute', step)
    await run.step('say', () => run.text(`It is ${value}. `))
    await run.text(`Attempt ${run.attempt}`)
    if (run.attempt < 3) throw new Error('crash')
  })
  await ada.send('Hi')
  await eventually(() => expect(statuses(ada)[0]).toMatch('done'))
  expect(step).toHaveBeenCalledOnce()
  expect(lines(ada)).toEqual(['ada: Hi', 'bot: It is 42. ', 'bot: Attempt 3'])
})

test('[A14] a handler that throws is tried as often as its budget allows', async () => {
  const onError = vi.fn()
  const handle = vi.fn(async (run: AgentRun) => {
    await run.text('half')
    throw new Error('crash')
  })
  const { ada } = await openWith(handle, { maxAttempts: 2, onError })
  const { id } = await ada.send('Hi')
  await eventually(() =>
    expect(ada.run(`bot.${id}`)).toMatchObject({ status: 'failed', code: 'budget-spent', reason: 'crash' }),
  )
  expect(handle).toHaveBeenCalledTimes(2)
  expect(lines(ada)).toEqual(['ada: Hi', 'bot: half'])
})

test.each<[Concurrency, string[]]>([
  ['queue', ['1', '2', '3']],
  ['latest', ['3']],
  ['merge', ['1', '2+3']],
  ['drop', ['1']],
  ['debounce', ['1+2+3']],
])('[A15] %s: messages that arrive while the agent works', async (concurrency, expected) => {
  const done: string[] = []
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const { ada } = await openWith(
    async (run) => {
      const texts = toModelMessages(run.triggers).map(({ content }) => content[0])
      const text = texts.map((part) => (part?.type === 'text' ? part.text : '')).join('+')
      if (concurrency !== 'latest' || text === '1') await Promise.race([gate, aborted(run.signal)])
      run.signal.throwIfAborted()
      done.push(
        text.split('+').at(concurrency === 'latest' ? -1 : 0) === text
          ? text
          : concurrency === 'latest'
            ? (text.split('+').at(-1) ?? '')
            : text,
      )
    },
    { concurrency, debounce: 1_000 },
  )
  await ada.send('1')
  if (concurrency !== 'debounce') await eventually(() => expect(statuses(ada)[0]).toMatch('running'))
  await ada.send('2')
  await ada.send('3')
  if (concurrency === 'drop') await eventually(() => expect(statuses(ada).join()).toMatch(/skipped.*skipped/))
  release()
  await eventually(() => expect(done).toEqual(expected))
  await eventually(() => expect(statuses(ada).join()).not.toMatch('running'))
  expect(done).toEqual(expected)
})

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

test('[A15] several agents: a mention calls another one, and a chain of them ends', async () => {
  const { ada, host } = await openWith(
    async (run) => {
      await run.mention('critic')
      await run.text('A poem')
    },
    { triggers: ['message', 'mention'], maxDepth: 2 },
  )
  const critic = host.agent({
    name: 'critic',
    triggers: ['mention'],
    maxDepth: 2,
    handle: (run) => run.text(`@bot better! (${run.row.depth})`),
  })
  await critic.ready
  await ada.send('A poem please')
  await eventually(() => expect(lines(ada).filter((line) => line.startsWith('critic'))).toHaveLength(1))
  await eventually(() => expect(statuses(ada).filter((status) => status.endsWith('done')).length).toBe(3))
  expect(lines(ada)).toEqual(['ada: A poem please', 'bot: A poem', 'critic: @bot better! (1)', 'bot: A poem'])
})

test('[A15] steering reaches the run that is going on; what comes too late is a message of its own', async () => {
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const { ada } = await openWith(async (run) => {
    if (run.triggers[0]?.parts[0]?.text !== 'Write') return
    await gate
    const steers = await eventually(async () => {
      const taken = await run.takeSteers()
      expect(taken).toHaveLength(1)
      return taken
    })
    await run.text(`Steered: ${steers[0]?.parts[0]?.text}`)
  })
  await ada.send('Write')
  await eventually(() => expect(statuses(ada)[0]).toMatch('running'))
  const steer = await ada.steer('Shorter')
  release()
  await eventually(() => expect(statuses(ada)[0]).toMatch('done'))
  expect(ada.collections.queueItems.get(steer.id)).toMatchObject({ outcome: 'taken' })
  expect(lines(ada)).toContain('bot: Steered: Shorter')
  expect(lines(ada)).toContain('ada: Shorter')
  expect(statuses(ada)).toHaveLength(1)
  expect(() => ada.steer('Late', { run: [...ada.collections.runs.keys()][0] ?? '' })).toThrow(
    expect.objectContaining({ code: 'run-over' }),
  )
})

test('[A15] what is queued becomes a message when the agent is free, once', async () => {
  const { ada } = await openWith((run) => run.text('ok'))
  const { id } = await ada.enqueue('Later')
  await eventually(() => expect(lines(ada)).toEqual(['ada: Later', 'bot: ok']))
  await eventually(() => expect(statuses(ada)).toEqual([`bot.${id}: done`]))
  expect(ada.collections.queueItems.size).toBe(0)
})

test('[A5] regenerating asks the agent again, in a branch that has what came before its answer', async () => {
  let answers = 0
  const { ada } = await openWith((run) => run.text(`Answer ${++answers} to ${run.messages().length}`))
  await ada.send('Hi')
  await eventually(() => expect(statuses(ada)[0]).toMatch('done'))
  const answer = ada.view().get()[1]?.message.id ?? ''
  const branch = await ada.regenerate(answer)
  await eventually(() => expect(lines(ada, branch.id)).toEqual(['ada: Hi', 'bot: Answer 2 to 1']))
  expect(lines(ada)).toEqual(['ada: Hi', 'bot: Answer 1 to 1'])
  expect(ada.alternatives(answer)).toEqual(['main', branch.id])
})

test('[A13] the answer to a tool call of a run that has ended starts another run, with the answer in its call', async () => {
  const { ada } = await openWith(
    async (run) => {
      const results = run.messages().filter(({ role }) => role === 'tool')
      if (results.length > 0) return void (await run.text(JSON.stringify(results[0]?.content)))
      void run.tool({ name: 'locate', input: {}, id: 'call1' }).catch(() => undefined)
      await eventually(() =>
        expect([...ada.collections.parts.values()].map(({ toolCall }) => toolCall)).toContain('call1'),
      )
    },
    { triggers: ['message', 'tool-result'] },
  )
  await ada.send('Where am I?')
  await eventually(() => expect(statuses(ada)[0]).toMatch('done'))
  await ada.answer('call1', 'Berlin')
  await eventually(() => expect(lines(ada).at(-1)).toMatch('Berlin'))
})

test('[A13] an agent on a schedule runs by itself', async () => {
  const { ada } = await openWith((run) => run.text('tick'), { triggers: [{ every: 100 }] })
  await eventually(() => expect(lines(ada).length).toBeGreaterThan(1))
  expect(new Set(lines(ada))).toEqual(new Set(['bot: tick']))
})
