import { eventually, itemsOf } from '@streamdb/testkit'
import { expect, test, vi } from 'vitest'
import type { Run, Session } from '../src/index.ts'
import { gate, scriptedModel } from '../src/testing/index.ts'
import { newSessionUrl, open } from './support/sessions.ts'

const quick = { presence: { leaseTtl: 300 } }

function present(session: Session): unknown[] {
  return (session.presence?.get() ?? [])
    .filter(({ isPresent }) => isPresent)
    .map(({ participant }) => participant)
}

test('[A11] who comes is seen, with the state of each device; who leaves is gone; none of it is on the log', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada', { device: 'laptop' })
  const bob = await open(url, 'bob')
  await eventually(() => expect(present(ada)).toEqual(['ada', 'bob']))
  await eventually(() => expect(present(bob).sort()).toEqual(['ada', 'bob']))
  ada.presence?.update({ typing: true })
  await eventually(() =>
    expect(bob.presence?.get()).toContainEqual(
      expect.objectContaining({ device: 'laptop', participant: 'ada', state: { typing: true } }),
    ),
  )
  ada.close()
  await eventually(() => expect(present(bob)).toEqual(['bob']))
  expect(await itemsOf(await fetch(`${url}?offset=-1`))).toEqual([])
})

test('[A11] a device that is not heard of for its time is gone', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  await eventually(() => expect(present(ada)).toEqual(['ada']))
  await fetch(`${url}/presence`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([
      {
        type: 'presence',
        key: 'd',
        value: { participant: 'bob', kind: 'person', ttl: 200, beat: 1, at: '2026-01-01' },
        headers: { operation: 'upsert' },
      },
    ]),
  })
  await eventually(() => expect(present(ada)).toEqual(['ada', 'bob']))
  await eventually(() => expect(present(ada)).toEqual(['ada']))
  expect(ada.presence?.get()).toContainEqual(
    expect.objectContaining({ participant: 'bob', isPresent: false, lastSeen: '2026-01-01' }),
  )
})

test('[A72] the stream of presence begins anew again and again: who comes reads little, who is there stays, who left is known', async () => {
  const url = await newSessionUrl()
  const presence = { lifetime: 3, ttl: 20_000 }
  const carol = await open(url, 'carol', { presence, device: 'phone' })
  const ada = await open(url, 'ada', { presence })
  await eventually(() => expect(present(ada)).toContain('carol'))
  carol.close()
  const bob = await open(url, 'bob', { presence })
  for (const each of [ada, bob]) await eventually(() => expect(present(each).sort()).toEqual(['ada', 'bob']))
  const missed = vi.fn()
  bob.presence?.subscribe(() => {
    if (!present(bob).includes('ada')) missed()
  })
  const streams = new Set<unknown>()
  await eventually(
    async () => {
      const { headers } = await fetch(`${url}/presence`, { method: 'HEAD' })
      if (headers.has('stream-expires-at')) streams.add(headers.get('stream-expires-at'))
      expect(streams.size).toBeGreaterThan(1)
    },
    { timeout: 20_000 },
  )
  expect(missed).not.toHaveBeenCalled()
  const events = await itemsOf<unknown>(await fetch(`${url}/presence?offset=-1`))
  expect(events.length).toBeLessThan(40)
  const dora = await open(url, 'dora', { presence })
  await eventually(() => expect(present(dora).sort()).toEqual(['ada', 'bob', 'dora']))
  expect(dora.presence?.get()).toContainEqual(
    expect.objectContaining({ device: 'phone', isPresent: false, lastSeen: expect.any(String) }),
  )
})

test('[A9] a run whose holder is dead is interrupted by whoever is there, once', async () => {
  const url = await newSessionUrl()
  const run: Run = {
    ...{ id: 'r', agent: 'bot', status: 'running', triggers: ['m'], message: 'r' },
    ...{ attempt: 1, epoch: 0, holder: 'gone' },
  }
  const ada = await open(url, 'ada', quick)
  const bob = await open(url, 'bob', quick)
  await ada.collections.runs.insert(run).when('settled')
  for (const session of [ada, bob]) {
    await eventually(() =>
      expect(session.run('r')).toMatchObject({ status: 'interrupted', epoch: 1, code: 'holder-gone' }),
    )
  }
  const log = await itemsOf<{ type: string }>(await fetch(`${url}?offset=-1`))
  expect(log.filter(({ type }) => type === 'run')).toHaveLength(2)
})

test('[A11] a device that comes again hears at once who is there; a heartbeat that was overtaken brings nobody back', async () => {
  const url = await newSessionUrl()
  const bob = await open(url, 'bob')
  const beats: (() => void)[] = []
  const isSlow = { value: false }
  const slowly: typeof fetch = async (input, init) => {
    const isBeat = init?.method === 'POST' && init.keepalive !== true && String(input).endsWith('/presence')
    if (isBeat && isSlow.value) {
      await new Promise<void>((resolve) => beats.push(resolve))
      // It was sent: closing the session does not take it back.
      return fetch(input, { ...init, signal: null })
    }
    return fetch(input, init)
  }
  const first = await open(url, 'ada', { device: 'laptop', streamOptions: { fetch: slowly } })
  await eventually(() => expect(present(bob).sort()).toEqual(['ada', 'bob']))
  isSlow.value = true
  first.presence?.update({ typing: true })
  await eventually(() => expect(beats).toHaveLength(1))
  first.close()
  await eventually(() => expect(present(bob)).toEqual(['bob']))
  for (const send of beats) send()
  const again = await open(url, 'ada', { device: 'laptop' })
  await eventually(() => expect(present(again).sort()).toEqual(['ada', 'bob']))
  again.close()
  await eventually(() => expect(present(bob)).toEqual(['bob']))
})

test('[A73] a session without presence is seen by nobody, and notices a dead holder all the same', async () => {
  const url = await newSessionUrl()
  const hidden = await open(url, 'hidden', { presence: false })
  const ada = await open(url, 'ada', { presence: { leaseTtl: 60_000 } })
  const dead: Run = {
    ...{ id: 'r', agent: 'bot', status: 'running', triggers: ['m'], message: 'r' },
    ...{ attempt: 1, epoch: 0, holder: 'gone/1' },
  }
  // The word that it is gone is on the stream.
  await hidden.collections.runs.insert(dead).when('settled')
  await eventually(() => expect(ada.run('r')).toBeDefined())
  const value = { participant: 'bot', kind: 'agent', ttl: 60_000, beat: 1, instance: '2', at: '2026-01-01' }
  const event = { type: 'presence', key: 'gone', value, headers: { operation: 'upsert' } }
  const headers = { 'content-type': 'application/json' }
  await eventually(async () => {
    // Until somebody hears it while it is said.
    await fetch(`${url}/presence`, { method: 'POST', headers, body: JSON.stringify([event]) })
    expect(hidden.run('r')).toMatchObject({ status: 'interrupted', code: 'holder-gone' })
  })
  expect(ada.presence?.get().some(({ participant }) => participant === 'hidden')).toBe(false)
})

test('[A73] an agent in a session without presence holds its runs as any other', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host', { presence: false })
  const ada = await open(url, 'ada', { presence: { leaseTtl: 1_500 } })
  const door = gate()
  const model = scriptedModel(['So far ', { wait: door }, 'so good'])
  const agent = host.agent({ name: 'bot', handle: (run) => model.answer(run) })
  await agent.ready
  const { id } = await ada.send('Hi')
  await door.reached
  // Long enough for others to take it for dead.
  await eventually(
    async () => {
      const events = await itemsOf<{ type: string }>(await fetch(`${url}/presence?offset=-1`))
      expect(events.filter(({ type }) => type === 'lease').length).toBeGreaterThan(1)
    },
    { timeout: 10_000 },
  )
  door.open()
  await eventually(() => expect(ada.run(`bot.${id}`)).toMatchObject({ status: 'done', attempt: 1 }))
  expect(present(ada)).toEqual(['ada'])
})

test('[A11] what is to be said while a heartbeat is under way is said after it', async () => {
  const url = await newSessionUrl()
  const bob = await open(url, 'bob')
  const beats: (() => void)[] = []
  const isSlow = { value: false }
  const slowly: typeof fetch = async (input, init) => {
    if (isSlow.value && init?.method === 'POST' && String(input).endsWith('/presence'))
      await new Promise<void>((resolve) => beats.push(resolve))
    return fetch(input, init)
  }
  const ada = await open(url, 'ada', { streamOptions: { fetch: slowly } })
  await eventually(() => expect(present(bob).sort()).toEqual(['ada', 'bob']))
  isSlow.value = true
  ada.presence?.announce()
  await eventually(() => expect(beats).toHaveLength(1))
  // The beat that is under way has the name that was.
  ada.updateMe({ name: 'Ada' })
  isSlow.value = false
  // It comes when the timer of the announcement has run.
  await new Promise((resolve) => setTimeout(resolve))
  for (const send of beats) send()
  await eventually(() =>
    expect(bob.presence?.get()).toContainEqual(expect.objectContaining({ participant: 'ada', name: 'Ada' })),
  )
})
