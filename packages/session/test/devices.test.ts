import { fileStorage } from '@streamdb/persist/node'
import { eventually, gate, itemsOf, startFaultProxy } from '@streamdb/testkit'
import type { Fault, FaultRule } from '@streamdb/testkit'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Session } from '../src/index.ts'
import { lines, newSessionUrl, open, sessionServer } from './support/sessions.ts'

const patient = { timeout: 20_000 }

const statuses = ({ collections }: Session) => [...collections.runs.values()].map(({ status }) => status)

test('[A84] who closes one device in mid answer and opens another sees the text so far, steers, and reads the rest once', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host')
  const [half, steered] = [gate(), gate()]
  const agent = host.agent({
    name: 'bot',
    async handle(run) {
      const writer = run.openText()
      for (const word of ['One ', 'two ', 'three ']) writer.write(word)
      await half.opened
      await steered.opened
      const [item] = await run.takeSteers()
      writer.write(`and ${item?.parts[0]?.text}.`)
      await writer.end()
    },
  })
  await agent.ready

  const phone = await open(url, 'ada', { device: 'phone' })
  await phone.send('Count')
  await eventually(() => expect(lines(phone).at(-1)).toBe('bot: One two three '), patient)
  phone.close()

  const laptop = await open(url, 'ada', { device: 'laptop' })
  // What the other device has read is there at once: nothing is waited for.
  expect(lines(laptop)).toEqual(['ada: Count', 'bot: One two three '])
  const part = laptop.thread().at(-1)?.parts[0]?.id ?? ''
  const seen: string[] = []
  laptop.text(part).subscribe(() => seen.push(laptop.text(part).get()))
  half.open()
  await laptop.steer('four')
  await eventually(() => expect(host.collections.queueItems.size).toBe(1), patient)
  steered.open()
  await eventually(() => expect(statuses(laptop)).toEqual(['done']), patient)
  // A text that streams only grows: nothing is shown twice, and nothing is taken back.
  const whole = 'One two three and four.'
  for (const text of seen) expect(whole.startsWith(text)).toBe(true)
  expect(seen.at(-1)).toBe(whole)
  expect(lines(laptop)).toEqual(['ada: Count', `bot: ${whole}`, 'ada: four'])
  expect([...laptop.collections.queueItems.values()]).toMatchObject([{ outcome: 'taken' }])
  // The device that was closed comes back to the same.
  expect(lines(await open(url, 'ada', { device: 'phone' }))).toEqual(lines(laptop))
})

test('[A84] a steer that comes when the answer has ended is a message of its own, answered once', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host')
  const door = gate()
  const handle = async (run: Parameters<Parameters<typeof host.agent>[0]['handle']>[0]) => {
    if (run.triggers.length > 0 && host.collections.runs.size === 1) await door.opened
    await run.text(`Answer ${host.collections.runs.size}`)
  }
  await host.agent({ name: 'bot', handle }).ready
  const [phone, laptop] = await Promise.all(['phone', 'laptop'].map((device) => open(url, 'ada', { device })))
  if (phone === undefined || laptop === undefined) throw new Error('two devices')
  await phone.send('Begin')
  await eventually(() => expect(statuses(laptop)).toEqual(['running']), patient)
  await laptop.steer('One more thing')
  door.open()
  await eventually(() => expect(statuses(phone)).toEqual(['done', 'done']), patient)
  expect(lines(phone)).toEqual(['ada: Begin', 'bot: Answer 1', 'ada: One more thing', 'bot: Answer 2'])
  expect([...laptop.collections.queueItems.values()]).toMatchObject([{ outcome: 'late' }])
})

test('[A85] of every append of an agent the request or the answer is lost: no character is, and none is written twice', async () => {
  const url = await newSessionUrl()
  const proxy = await startFaultProxy((await sessionServer()).url)
  onTestFinished(() => proxy.close())
  const host = await open(proxy.through(url), 'host', {
    ...{ presence: false, db: { retry: { initialDelay: 1, maxDelay: 2 } } },
    streamOptions: { backoffOptions: { initialDelay: 1, maxDelay: 2, multiplier: 1 } },
  })
  const ada = await open(url, 'ada')
  const pieces = ['Grün ', '😀 ', '"end" ', 'ab ']
  // Of every append the answer is lost, which the server has stored, or the request, which it has not seen.
  const faults: readonly Fault[] = [
    { kind: 'cut', after: 'nothing' },
    { kind: 'drop' },
    { kind: 'cut', after: 'nothing', by: 'rst' },
    { kind: 'drop', by: 'rst' },
  ]
  const ofRun: FaultRule = {
    match: ({ method, headers }) =>
      method === 'POST' && headers.get('producer-id')?.startsWith('run/') === true,
  }
  const agent = host.agent({
    name: 'bot',
    deltas: { interval: 0, laterInterval: 0, later: 0 },
    async handle(run) {
      const writer = run.openText()
      for (let round = 0; round < 24; round++) {
        const fault = faults[round % faults.length]
        if (fault !== undefined) proxy.fault(fault, ofRun)
        writer.write(pieces[round % pieces.length] ?? '')
        writer.flush()
        await run.data('round', round)
      }
      await writer.end()
    },
  })
  await agent.ready
  await ada.send('Write')
  await eventually(() => expect(statuses(ada)).toEqual(['done']), { timeout: 20_000 })
  const text = Array.from({ length: 24 }, (_, round) => pieces[round % pieces.length]).join('')
  const parts = ada.thread().at(-1)?.parts ?? []
  expect(parts.filter(({ kind }) => kind === 'text').map((part) => part.text)).toEqual([text])
  expect(parts.flatMap(({ kind, data }) => (kind === 'data' ? [data] : []))).toEqual(
    Array.from({ length: 24 }, (_, round) => round),
  )
  const log = await itemsOf<{
    type: string
    headers: { operation: string }
  }>(await fetch(`${url}?offset=-1`))
  const inserted = log.filter(({ type, headers }) => type === 'part' && headers.operation === 'insert')
  expect(inserted).toHaveLength(parts.length + 1)
})

test('[A86] an agent in Node that keeps the session in files goes on from there when it is started again', async () => {
  const url = await newSessionUrl()
  const folder = await mkdtemp(join(tmpdir(), 'streamdb-session-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const ada = await open(url, 'ada')
  const start = async () => {
    const read: string[] = []
    const session = await open(url, 'worker', {
      presence: { leaseTtl: 1_000 },
      db: { storage: fileStorage({ directory: folder }) },
      streamOptions: {
        fetch: (input, init) => {
          const { pathname, searchParams } = new URL(input instanceof Request ? input.url : String(input))
          const offset = searchParams.get('offset')
          if (pathname === new URL(url).pathname && offset !== null) read.push(offset)
          return fetch(input, init)
        },
      },
    })
    const agent = session.agent({ name: 'bot', handle: (run) => run.text(`${run.triggers.length} heard`) })
    await agent.ready
    return { session, read }
  }
  const first = await start()
  await ada.send('One')
  await eventually(() => expect(statuses(ada)).toEqual(['done']), patient)
  await eventually(async () => {
    const rows = Object.values(first.session.collections).reduce((sum, { size }) => sum + size, 0)
    expect((await first.session.db.storage?.size())?.rows).toBe(rows)
  }, patient)
  expect(first.read).toContain('-1')
  first.session.close()
  await ada.send('Two')
  const second = await start()
  await eventually(() => expect(statuses(ada)).toEqual(['done', 'done']), patient)
  // It has read what came since, and not the log again.
  expect(second.read).not.toContain('-1')
  expect(lines(ada)).toEqual(['ada: One', 'bot: 1 heard', 'ada: Two', 'bot: 1 heard'])
  expect(lines(second.session)).toEqual(lines(ada))
})
