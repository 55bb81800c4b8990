import { createStreamDB } from '@streamdb/db'
import { createMemoryBlocks, createStorage, createStreamStore } from '@streamdb/persist'
import { eventually, itemsOf, logOf, needs } from '@streamdb/testkit'
import { room, roomServer } from '@streamdb/testkit/rooms'
import { TabWorld } from '@streamdb/testkit/tabs'
import { expect, onTestFinished, test } from 'vitest'
import { prepareTabs } from './open-tabs.ts'
import type { TabDB } from './open-tabs.ts'

const message = (id: string, text = id) => ({
  type: 'message',
  key: id,
  value: { id, userId: 'u1', text },
  headers: { operation: 'upsert' },
})

async function open(...items: unknown[]) {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items })
  const append = (...events: unknown[]) => kit.appendItems(url, events)
  return { ...prepareTabs(url), url, append, kit }
}

test('[T3] ten tabs, one connection', async () => {
  const tabs = await open(message('a'), message('b'))
  const all = Array.from({ length: 10 }, () => tabs.openTab())
  await Promise.all(all.map(({ db }) => db.preload()))
  await eventually(() =>
    expect(all.map(({ role }) => role)).toEqual(['leader', ...Array(9).fill('follower')]),
  )
  for (const each of all) expect(each.texts).toEqual(['a', 'b'])
  for (const { db } of all) expect(db.status).toEqual({ name: 'live' })
  expect([...tabs.open.keys()].map(({ tab }) => tab.name)).toEqual(['tab 1'])
  await tabs.append(message('c'))
  await eventually(() => {
    for (const each of all) expect(each.texts).toEqual(['a', 'b', 'c'])
  })
  expect(tabs.open.size).toBe(1)
})

test('[T1] [T3] leaders closed and crashed in turn: the next tab leads at once, nothing is lost or doubled', async () => {
  const tabs = await open(message('m0'))
  const all = Array.from({ length: 6 }, () => tabs.openTab())
  await Promise.all(all.map(({ db }) => db.preload()))
  const expected = ['m0']
  for (let round = 0; round < 5; round++) {
    const leader = all.shift() ?? expect.fail()
    await eventually(() => expect(leader.role).toBe('leader'))
    await tabs.append(message(`before ${round}`))
    if (round % 2 === 0) leader.db.close()
    else leader.tab.crash()
    await tabs.append(message(`after ${round}`))
    expected.push(`before ${round}`, `after ${round}`)
    await eventually(() => {
      for (const each of all) expect(each.texts).toEqual([...expected].sort())
    })
    await eventually(() => expect(tabs.open.size).toBe(1))
    // A server with files may answer a read with what was there a moment before, which is asked for again.
    await eventually(() => {
      for (const { db } of all) expect(db.status).toEqual({ name: 'live' })
    })
  }
})

test('[T4] a follower that missed messages reads the store again, in one change', async () => {
  const tabs = await open(message('a'))
  const [leader, follower] = [tabs.openTab(), tabs.openTab()]
  await leader.db.preload()
  await follower.db.preload()
  const seen: string[][] = []
  const statuses: string[] = []
  follower.db.collections.messages.subscribeChanges(() => void seen.push([...follower.texts]))
  follower.db.subscribeStatus(({ name }) => void statuses.push(name))
  follower.tab.loseMessages(1)
  await tabs.append(message('b'))
  await eventually(() => expect(leader.texts).toEqual(['a', 'b']))
  await tabs.append(message('c'))
  await eventually(() => expect(follower.texts).toEqual(['a', 'b', 'c']))
  for (const texts of seen) expect(texts).toContain('a')
  expect(statuses).toEqual([])
  expect(tabs.open.size).toBe(1)
})

test('[T4] a follower that was frozen for long reads what it missed from the store, without an empty moment', async () => {
  const tabs = await open(message('a'))
  const [leader, follower] = [tabs.openTab(), tabs.openTab()]
  await leader.db.preload()
  await follower.db.preload()
  const seen: string[][] = []
  follower.db.collections.messages.subscribeChanges(() => void seen.push([...follower.texts]))
  follower.tab.loseMessages(Infinity)
  const many = Array.from({ length: 120_000 }, (_, n) => message(`m${n % 50}`, `text ${n}`))
  for (let n = 0; n < many.length; n += 20_000) await tabs.append(...many.slice(n, n + 20_000))
  await eventually(() => expect(leader.texts).toContain('text 119999'), { timeout: 20_000 })
  follower.tab.loseMessages(0)
  await eventually(() => expect(follower.texts).toEqual(leader.texts), { timeout: 20_000 })
  for (const texts of seen) expect(texts).toContain('a')
  // So much at once may take a busy machine longer than a live connection is waited for.
  await eventually(() => expect(follower.db.status).toEqual({ name: 'live' }))
})

test('[T3] [T5] a follower writes by the outbox: the leader sends it, and the log confirms it by its txid', async () => {
  const tabs = await open(message('a'))
  const [leader, follower] = [tabs.openTab(), tabs.openTab()]
  await leader.db.preload()
  await follower.db.preload()
  const write = follower.db.transact(
    () => void follower.db.collections.messages.insert({ id: 'b', userId: 'u', text: 'b', likes: 0 }),
  )
  expect(follower.texts).toEqual(['a', 'b'])
  await write.when('settled')
  await eventually(() => expect(leader.texts).toEqual(['a', 'b']))
  expect(tabs.posts()).toEqual(['tab 1'])
})

test('[T5] a refused write is refused in the tab that wrote it, and the others go on', async () => {
  await needs('embedded')
  const tabs = await open(message('a'))
  const [leader, follower] = [tabs.openTab(), tabs.openTab()]
  await leader.db.preload()
  await follower.db.preload()
  tabs.kit.server.injectFault(new URL(tabs.url).pathname, { status: 400, count: 1, method: 'POST' })
  const insert = (id: string) =>
    follower.db.transact(
      () => void follower.db.collections.messages.insert({ id, userId: 'u', text: id, likes: 0 }),
    )
  const refused = insert('refused').when('settled')
  await expect(refused).rejects.toMatchObject({ code: 'write-failed', status: 400 })
  expect(follower.texts).toEqual(['a'])
  await insert('b').when('settled')
  await eventually(() => expect(leader.texts).toEqual(['a', 'b']))
})

test('[T5] a write of a follower whose leader dies is sent by the next one, once', async () => {
  const tabs = await open(message('a'))
  const [leader, follower] = [tabs.openTab(), tabs.openTab()]
  await leader.db.preload()
  await follower.db.preload()
  const write = follower.db.transact(
    () => void follower.db.collections.messages.insert({ id: 'b', userId: 'u', text: 'b', likes: 0 }),
  )
  leader.tab.crash()
  await write.when('settled')
  const items = await itemsOf<{ key: string }>(await fetch(`${tabs.url}?offset=-1`))
  expect(items.map(({ key }) => key)).toEqual(['a', 'b'])
})

test('[T5] [O4] [O5] what one tab decides about a refused write holds in every tab', async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [message('a')] })
  let isRefusing = true
  const fetch: typeof globalThis.fetch = (input, init) =>
    isRefusing && init?.method === 'POST'
      ? Promise.resolve(new Response('', { status: 400 }))
      : globalThis.fetch(input, init)
  const tabs = prepareTabs(url, { fetchFor: () => fetch })
  const options = { offline: true, onError: () => undefined }
  const all = [tabs.openTab(options), tabs.openTab(options), tabs.openTab(options)] as const
  for (const { db } of all) await db.preload()
  const [leader, second, third] = all
  for (const id of ['b', 'c']) second.db.collections.messages.insert({ id, userId: 'u', text: id, likes: 0 })
  const states = () => all.map(({ db }) => db.outbox?.get().map(({ state }) => state.name))
  await eventually(() => expect(states()).toEqual(all.map(() => ['refused', 'refused'])))
  isRefusing = false
  const [b = '', c = ''] = leader.db.outbox?.get().map(({ txid }) => txid) ?? []
  third.db.outbox?.edit(b, () => undefined)
  second.db.outbox?.discard(c)
  await eventually(() => expect(states()).toEqual([[], [], []]))
  for (const tab of all) await eventually(() => expect(tab.texts).toEqual(['a', 'b']))
})

test('[T15] of two tabs that decide about one refused write at the same moment one does', async () => {
  type Outbox = NonNullable<TabDB['db']['outbox']>
  const edit = (to: string) => (outbox: Outbox, txid: string, db: TabDB['db']) =>
    void outbox.edit(txid, () => void db.collections.messages.update('b', (draft) => void (draft.text = to)))
  const retry = (outbox: Outbox, txid: string) => void outbox.retry(txid)
  const discard = (outbox: Outbox, txid: string) => outbox.discard(txid)
  const pairs = [
    { decisions: [edit('one'), edit('other')], results: ['one', 'other'] },
    { decisions: [edit('one'), retry], results: ['one', 'b'] },
    { decisions: [retry, edit('one')], results: ['one', 'b'] },
    { decisions: [discard, edit('one')], results: ['one', undefined] },
    { decisions: [retry, discard], results: ['b', undefined] },
  ] as const
  for (const { decisions, results } of pairs) {
    const url = await (await roomServer()).createStream(undefined, { items: [message('a')] })
    let isRefusing = true
    const posts: string[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      if (init?.method !== 'POST') return globalThis.fetch(input, init)
      if (isRefusing) return Promise.resolve(new Response('', { status: 400 }))
      posts.push(String(init.body))
      return globalThis.fetch(input, init)
    }
    const tabs = prepareTabs(url, { fetchFor: () => fetch })
    const options = { offline: true, onError: () => undefined }
    // A leader and a follower, the other way round, and two followers.
    for (const [first, second] of [
      [0, 1],
      [1, 0],
      [1, 2],
    ] as const) {
      isRefusing = true
      posts.length = 0
      const all = [tabs.openTab(options), tabs.openTab(options), tabs.openTab(options)]
      for (const { db } of all) await db.preload()
      const [writer = expect.fail()] = all
      writer.db.collections.messages.insert({ id: 'b', userId: 'u', text: 'b', likes: 0 })
      const states = () => all.map(({ db }) => db.outbox?.get().map(({ state }) => state.name))
      await eventually(() => expect(states()).toEqual(all.map(() => ['refused'])))
      isRefusing = false
      const txid = writer.db.outbox?.get()[0]?.txid ?? ''
      for (const [index, decide] of [
        [first, decisions[0]],
        [second, decisions[1]],
      ] as const) {
        const { db } = all[index] ?? expect.fail()
        decide(db.outbox ?? expect.fail(), txid, db)
      }
      await eventually(() => expect(states()).toEqual([[], [], []]))
      const shown = () => all.map(({ db }) => db.collections.messages.get('b')?.text)
      await eventually(() => expect(new Set(shown()).size).toBe(1))
      expect(results).toContain(shown()[0])
      expect(posts).toHaveLength(shown()[0] === undefined ? 0 : 1)
      for (const { db } of all) expect(db.pendingWrites).toEqual([])
      if (shown()[0] !== undefined) await writer.db.collections.messages.delete('b').when('settled')
      for (const { db } of all) db.close()
    }
  }
})

test('[T10] without Web Locks every tab works alone, and says so', async () => {
  const tabs = await open(message('a'))
  const all = [tabs.openTab({ hasLocks: false }), tabs.openTab({ hasLocks: false })]
  await Promise.all(all.map(({ db }) => db.preload()))
  for (const { db } of all) {
    expect(db.storage?.tabs.get()).toEqual({ role: 'alone', reason: 'no-web-locks' })
  }
  await tabs.append(message('b'))
  await eventually(() => {
    for (const each of all) expect(each.texts).toEqual(['a', 'b'])
  })
  expect(tabs.open.size).toBe(2)
})

test('[T10] where the browser refuses every lock the tab works alone, and says so', async () => {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [message('a')] })
  const { browser: ordinary } = new TabWorld().openTab()
  const browser = {
    ...ordinary,
    // A fiftieth of the time.
    clock: { ...ordinary.clock, after: (ms: number, run: () => void) => ordinary.clock.after(ms / 50, run) },
    locks: { request: () => Promise.reject(new DOMException('Not here', 'SecurityError')) },
  }
  const db = createStreamDB({
    ...{ streamOptions: { url, warnOnHttp: false }, state: room, offline: true, onError: () => undefined },
    storage: createStorage(createStreamStore(createMemoryBlocks()), { tabs: { browser } }),
  })
  onTestFinished(() => db.close())
  await db.preload()
  expect(db.storage?.tabs.get()).toEqual({ role: 'alone', reason: 'no-web-locks' })
  expect(db.storage?.status.get()).toMatchObject({ name: 'unavailable', error: { code: 'storage-failed' } })
  await db.collections.messages.insert({ id: 'b', userId: 'u', text: 'b', likes: 0 }).when('settled')
  expect(await logOf(url)).toHaveLength(2)
})

test('tabs: false turns it off, and the status says so', async () => {
  const tabs = await open(message('a'))
  const one = tabs.openTab({ tabs: false })
  await one.db.preload()
  expect(one.db.storage?.tabs.get()).toEqual({ role: 'alone', reason: 'turned-off' })
})

test('[T4] followers say what the leader knows of its connection: live, ended', async () => {
  const tabs = await open(message('a'))
  const all = [tabs.openTab(), tabs.openTab()]
  await Promise.all(all.map(({ db }) => db.preload()))
  const names = () => all.map(({ db }) => db.status.name)
  await eventually(() => expect(names()).toEqual(['live', 'live']))
  await tabs.kit.closeStream(tabs.url)
  await eventually(() => expect(names()).toEqual(['ended', 'ended']))
  // One that comes later says the same.
  const late = tabs.openTab()
  await late.db.preload()
  await eventually(() => expect(late.db.status).toEqual({ name: 'ended', reason: 'stream-closed' }))
  expect(late.texts).toEqual(['a'])
})

test('[T4] a leader that cannot read says so in every tab, and each of them can make it try again', async () => {
  const kit = await roomServer()
  const url = `${kit.url}/not-there-yet-${Math.random()}`
  const tabs = prepareTabs(url)
  const all = [tabs.openTab(), tabs.openTab()]
  await expect(all[0]?.db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
  await expect(all[1]?.db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
  for (const { db } of all) expect(db.status.name).toBe('failed')
  await kit.createStream(new URL(url).pathname, { items: [message('a')] })
  await all[1]?.db.preload()
  await eventually(() => {
    for (const each of all) {
      expect(each.db.status).toEqual({ name: 'live' })
      expect(each.texts).toEqual(['a'])
    }
  })
})

test.each(['sse', 'long-poll'] as const)(
  'a stream that is deleted and made anew is read anew by the leader, and shown by all, in one change (%s)',
  async (live) => {
    const tabs = await open(message('a'), message('b'))
    const all = [0, 1].map(() =>
      tabs.openTab({
        ...{ onMissing: 'wait', live },
        // The reference server leaves the SSE connections of a deleted stream open, and says nothing there any more.
        retry: { initialDelay: 5, maxDelay: 50, idleTimeout: 500 },
      }),
    )
    await Promise.all(all.map(({ db }) => db.preload()))
    await tabs.kit.deleteStream(tabs.url)
    await tabs.kit.createStream(new URL(tabs.url).pathname, { items: [message('c')] })
    await eventually(
      () => {
        for (const each of all) expect(each.texts).toEqual(['c'])
      },
      { timeout: 20_000 },
    )
    await eventually(() => expect(all.map(({ db }) => db.status.name)).toEqual(['live', 'live']))
  },
)

test('db.storage.clear() in one tab: no tab stores anything more', async () => {
  const tabs = await open(message('a'))
  const all = [tabs.openTab(), tabs.openTab()]
  await Promise.all(all.map(({ db }) => db.preload()))
  await all[1]?.db.storage?.clear()
  await eventually(() => {
    for (const { db } of all) {
      expect(db.storage?.status.get().name).toBe('cleared')
      expect(db.storage?.tabs.get()).toEqual({ role: 'alone', reason: 'cleared' })
    }
  })
  await tabs.append(message('b'))
  await eventually(() => {
    for (const each of all) expect(each.texts).toEqual(['a', 'b'])
  })
  expect(await all[0]?.db.storage?.size()).toMatchObject({ rows: 0 })
})
