import { StreamDBError } from '@streamdb/db'
import { createStreamHandler } from '@streamdb/server'
import { openSession } from '@streamdb/session'
import type { Session } from '@streamdb/session'
import { createSessionState, presenceDefinitions, sessionPolicy } from '@streamdb/session/policy'
import { isCapable } from '@streamdb/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { presenceEvent } from '../../src/presence-rows.ts'
import { PresenceStream } from '../../src/presence-stream.ts'
import { ServerClock } from '../../src/server-clock.ts'
import { sessionServer } from '../support/sessions.ts'
import { roles } from './world.ts'

let rooms = 0

/** Other processes may slow this one down. */
const until = <Value>(check: () => Value | Promise<Value>): Promise<Value> => vi.waitFor(check, 15_000)

/** A gateway to the real server, in this process; returns what opens a session there as somebody. */
async function startRoom() {
  const { url: upstream } = await sessionServer()
  const room = `rooms/${Date.now()}-${++rooms}`
  const errors: unknown[] = []
  const handler = createStreamHandler({
    ...sessionPolicy<{ id: string }>({
      role: ({ user, stream }) => (stream.startsWith(room) ? roles[user.id] : undefined),
    }),
    ...{ state: createSessionState(presenceDefinitions), upstream, onError: (error) => errors.push(error) },
    authenticate: (request) => ({ id: request.headers.get('x-user') ?? '' }),
  })
  onTestFinished(() => handler.close())
  const refused: string[] = []
  const streamOptions = (id: string, below = '') => ({
    url: `http://gateway/${room}${below}`,
    headers: { 'x-user': id },
    fetch: async (input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> => {
      const response = await handler(new Request(input, init))
      // Two who make the presence stream at once: one does.
      if (response.status >= 400 && response.status !== 404 && response.status !== 409) {
        refused.push(`${id} ${init?.method ?? 'GET'} ${response.status} ${await response.clone().text()}`)
      }
      return response
    },
  })
  const options = (id: string) => {
    const { url, ...rest } = streamOptions(id)
    const kind = roles[id] === 'agent' ? ('agent' as const) : ('person' as const)
    return { url, me: { id, kind }, streamOptions: rest }
  }
  const open = (id: string): Session => {
    const session = openSession(options(id))
    onTestFinished(() => session.close())
    return session
  }
  return { open, options, streamOptions, refused, errors }
}

test('[AZ1] a whole conversation goes through a gateway with the policy, and nothing of it is refused', async () => {
  const room = await startRoom()
  const [ada, mia, helper] = [room.open('olga'), room.open('mia'), room.open('helper')]
  await Promise.all([ada, mia, helper].map((session) => session.preload()))
  const agent = helper.agent({
    name: 'helper',
    async handle(run) {
      await run.step('plan', () => 'think')
      const { status } = await run.ask('May I?')
      if (status !== 'approved') return
      const city = await run.tool<object, string>({ name: 'where', input: {} })
      await run.text(
        (async function* () {
          yield 'It rains in '
          await new Promise((resolve) => setTimeout(resolve, 60))
          yield city
        })(),
      )
      await run.takeSteers()
    },
  })
  await agent.ready
  await ada.send('What is the weather?')
  const question = await until(() => {
    const [approval] = mia.collections.approvals.values()
    return approval ?? Promise.reject(new Error('no question yet'))
  })
  // Who is there, on a stream of its own.
  await until(() => expect(mia.presence?.get().map(({ participant }) => participant)).toContain('olga'))
  await mia.approve(question)
  const call = await until(() => {
    const found = [...mia.collections.parts.values()].find(({ toolState }) => toolState === 'awaiting-output')
    return found ?? Promise.reject(new Error('no call yet'))
  })
  const steering = ada.steer('In German, please')
  const queued = mia.enqueue('And tomorrow?')
  await Promise.all([steering, queued])
  await ada.answer(call.toolCall ?? '', 'Oslo')
  await until(() =>
    expect([...ada.collections.runs.values()].map(({ status }) => status).sort()).toEqual([
      'done',
      'waiting',
    ]),
  )
  expect(ada.collections.messages.get(queued.id)).toMatchObject({ author: 'mia' })
  expect(ada.collections.messages.get(steering.id)).toMatchObject({ author: 'olga' })
  const [second] = [...ada.collections.runs.values()].filter(({ status }) => status === 'waiting')
  if (await isCapable('forks')) {
    // What goes on here has ended there.
    const fork = openSession({ ...room.options('olga'), url: (await ada.fork()).url })
    onTestFinished(() => fork.close())
    await fork.preload()
    expect([...fork.collections.runs.values()].map(({ status }) => status).sort()).toEqual([
      'cancelled',
      'done',
    ])
  } else await expect(ada.fork()).rejects.toMatchObject({ code: 'fork-unsupported' })
  await ada.cancel(second ?? '')
  await until(() => expect(ada.collections.runs.get(second?.id ?? '')?.status).toBe('cancelled'))
  expect(
    ada
      .thread()
      .map(({ parts }) => parts.map(({ text }) => text ?? '').join(''))
      .join('|'),
  ).toContain('It rains in Oslo')
  await ada.regenerate(ada.thread().find(({ message }) => message.run !== undefined)?.message ?? '')
  await mia.edit(ada.thread()[0]?.message ?? '', 'What is the time?')
  await agent.stop()
  expect(room.refused).toEqual([])
  expect(room.errors).toEqual([])
})

test('[AZ1] what the policy refuses is taken back, and says why', async () => {
  const room = await startRoom()
  const [mia, vic] = [room.open('mia'), room.open('vic')]
  await mia.preload()
  await mia.send('Hello')
  await vic.preload()
  const forged = mia.collections.messages.insert({ id: 'x', role: 'user', author: 'olga' })
  const reasonOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'stored',
      (error: unknown) => (error instanceof StreamDBError ? error.reason?.code : error),
    )
  expect(await reasonOf(forged.when('settled'))).toBe('another-name')
  expect(mia.collections.messages.has('x')).toBe(false)
  expect(await reasonOf(vic.send('Me too'))).toBe('role-forbids')
  await until(() => expect(mia.presence?.get().some(({ participant }) => participant === 'vic')).toBe(true))
})

test('[AZ1] another process of an agent takes over what one has handed over', async () => {
  const room = await startRoom()
  const [mia, first, second] = [room.open('mia'), room.open('helper'), room.open('helper')]
  await Promise.all([mia, first, second].map((session) => session.preload()))
  const handle = (answer: string) => ({
    name: 'helper',
    handle: async (run: Parameters<Parameters<typeof first.agent>[0]['handle']>[0]) => {
      await run.text(
        (async function* () {
          yield `${answer} begins`
          if (answer === 'one') await new Promise((_, reject) => run.signal.addEventListener('abort', reject))
          yield `, ${answer} ends`
        })(),
      )
    },
  })
  const one = first.agent(handle('one'))
  await one.ready
  await mia.send('Hello')
  await until(() =>
    expect([...mia.collections.parts.values()].some(({ state }) => state === 'streaming')).toBe(true),
  )
  const two = second.agent(handle('two'))
  await two.ready
  await one.stop()
  await until(() =>
    expect([...mia.collections.runs.values()][0]).toMatchObject({ status: 'done', attempt: 2 }),
  )
  expect(room.refused).toEqual([])
})

test('[AZ1] a presence stream that takes the place of another begins with those who have left', async () => {
  const room = await startRoom()
  const absent = presenceEvent('presence', 'old', {
    ...{ participant: 'olga', kind: 'person', ttl: 1, beat: 3, at: '2026-01-01T00:00:00Z', left: true },
  })
  const context = { lifetime: 60, clock: new ServerClock(), signal: new AbortController().signal }
  const stream = new PresenceStream(room.streamOptions('mia', '/presence'), context)
  await stream.create([absent])
  expect(room.refused).toEqual([])
  for await (const read of stream.read()) {
    if (read.type !== 'event') continue
    expect(read.event).toMatchObject({ key: 'old', value: { left: true }, headers: { principal: 'mia' } })
    break
  }
})
