import { eventually } from '@streamdb/testkit'
import { roomServer } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test, vi } from 'vitest'
import { prepareTabs } from './open-tabs.ts'

const message = (id: string) => ({
  type: 'message',
  key: id,
  value: { id, userId: 'u1', text: id },
  headers: { operation: 'upsert' },
})

/** Two tabs whose leader's requests fail as `fail` says. */
async function open() {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [message('a')] })
  const network: { fail: (() => Response) | undefined } = { fail: undefined }
  const fetchFor = (): typeof fetch => async (input, init) => network.fail?.() ?? fetch(input, init)
  const tabs = prepareTabs(url, { fetchFor })
  const retry = { initialDelay: 5, maxDelay: 50, idleTimeout: 200 }
  const all = [0, 1].map(() => tabs.openTab({ live: 'long-poll', retry }))
  await Promise.all(all.map(({ db }) => db.preload()))
  await eventually(() => expect(all.map(({ role }) => role)).toEqual(['leader', 'follower']))
  return { all, network, append: (id: string) => kit.appendItems(url, [message(id)]) }
}

test.each([
  ['needs-auth', 'unauthorized', () => new Response('no', { status: 401 })],
  [
    'reconnecting',
    'unreachable',
    () => {
      throw new TypeError('fetch failed')
    },
  ],
] as const)(
  '[T4] followers say %s when their leader does, and are live with it again',
  async (name, code, fail) => {
    const { all, network, append } = await open()
    network.fail = fail
    await eventually(() => {
      for (const { db } of all) expect(db.status).toMatchObject({ name, error: { code } })
    })
    network.fail = undefined
    await append('b')
    await eventually(() => {
      for (const { db } of all) expect(db.status).toEqual({ name: 'live' })
      for (const each of all) expect(each.texts).toEqual(['a', 'b'])
    })
  },
)

test('[T4] without a network every tab says offline, and all are live again with it', async () => {
  const target = new EventTarget()
  const navigator = { onLine: true }
  vi.stubGlobal('navigator', navigator)
  vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
  vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target))
  onTestFinished(() => void vi.unstubAllGlobals())
  const { all, append } = await open()
  navigator.onLine = false
  target.dispatchEvent(new Event('offline'))
  for (const { db } of all) expect(db.status.name).toBe('offline')
  navigator.onLine = true
  target.dispatchEvent(new Event('online'))
  await append('b')
  await eventually(() => {
    for (const { db } of all) expect(db.status).toEqual({ name: 'live' })
    for (const each of all) expect(each.texts).toEqual(['a', 'b'])
  })
})

test('[GW3] a follower is told why a gateway refused its write', async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [message('a')] })
  const reason = { code: 'not-author', message: 'Not yours.', path: '/value/text' }
  const refusal = JSON.stringify({ error: reason })
  const tabs = prepareTabs(url, {
    fetchFor: () => async (input, init) =>
      init?.method === 'POST' ? new Response(refusal, { status: 403 }) : fetch(input, init),
  })
  const all = [0, 1].map(() => tabs.openTab({ live: 'long-poll', onError: () => undefined }))
  await Promise.all(all.map(({ db }) => db.preload()))
  await eventually(() => expect(all.map(({ role }) => role)).toEqual(['leader', 'follower']))
  const write = all[1]?.db.collections.messages.update('a', (draft) => void (draft.text = 'b'))
  await expect(write?.when('settled')).rejects.toMatchObject({ code: 'write-failed', status: 403, reason })
  expect(all[1]?.texts).toEqual(['a'])
})
