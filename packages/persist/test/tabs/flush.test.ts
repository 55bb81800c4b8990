import { eventually } from '@streamdb/testkit'
import { roomServer } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { BlockStore } from '../../src/index.ts'
import { prepareTabs } from './open-tabs.ts'
import type { TabDB, TabsUnderTest } from './open-tabs.ts'

const message = (id: string) => ({
  type: 'message',
  key: id,
  value: { id, userId: 'u1', text: id },
  headers: { operation: 'upsert' },
})

interface Opened extends TabsUnderTest {
  readonly append: (...ids: string[]) => Promise<unknown>
  /** Keeps what is written into the store from now on back, until it is called again. */
  readonly hold: () => void
  readonly release: () => void
  /** Resolves when something is kept back. */
  readonly whenHeld: () => Promise<void>
}

async function open(): Promise<Opened> {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [message('a')] })
  let held: Promise<void> | undefined
  let release = (): void => undefined
  let onHeld = (): void => undefined
  let heldOne: Promise<void> = Promise.resolve()
  const wrapBlocks = (store: BlockStore): BlockStore => ({
    async open(id) {
      const blocks = await store.open(id)
      return {
        ...blocks,
        async write(change) {
          if (held !== undefined) onHeld()
          await held
          return blocks.write(change)
        },
      }
    },
  })
  return {
    ...prepareTabs(url, { wrapBlocks }),
    append: (...ids) => kit.appendItems(url, ids.map(message)),
    hold() {
      held = new Promise((resolve) => (release = resolve))
      heldOne = new Promise((resolve) => (onHeld = resolve))
    },
    whenHeld: () => heldOne,
    release: () => {
      held = undefined
      release()
    },
  }
}

const flushOf = ({ db }: TabDB): Promise<void> => db.storage?.flush() ?? expect.fail()

/** A leader and a follower that show everything, of which everything is saved. */
async function openTwo(tabs: TabsUnderTest): Promise<readonly [TabDB, TabDB]> {
  const [leader, follower] = [tabs.openTab(), tabs.openTab()]
  await leader.db.preload()
  await follower.db.preload()
  await eventually(() => expect([leader.role, follower.role]).toEqual(['leader', 'follower']))
  await flushOf(leader)
  return [leader, follower]
}

test('[T11] flush() of a follower resolves at once where everything is saved', async () => {
  const [, follower] = await openTwo(await open())
  await flushOf(follower)
})

test('[T11] flush() of a follower resolves when the leader has saved what is visible, and not before', async () => {
  const tabs = await open()
  const [, follower] = await openTwo(tabs)
  tabs.hold()
  await tabs.append('b')
  await eventually(() => expect(follower.texts).toEqual(['a', 'b']))
  let isFlushed = false
  const flushed = flushOf(follower).then(() => (isFlushed = true))
  await tabs.whenHeld()
  expect(isFlushed).toBe(false)
  tabs.release()
  await flushed
  // What is stored can be read by somebody else.
  expect((await follower.db.storage?.size())?.rows).toBe(2)
})

test('[T11] flush() of a follower asks again where a message is lost', async () => {
  const tabs = await open()
  const [leader, follower] = await openTwo(tabs)
  tabs.hold()
  await tabs.append('b')
  await eventually(() => expect(follower.texts).toEqual(['a', 'b']))
  follower.tab.loseMessages(Infinity)
  tabs.release()
  await flushOf(leader)
  const flushed = flushOf(follower)
  leader.tab.loseMessages(1)
  follower.tab.loseMessages(0)
  await flushed
})

test('[T11] flush() of a follower whose leader dies resolves when the next one has saved', async () => {
  const tabs = await open()
  const [leader, follower] = await openTwo(tabs)
  tabs.hold()
  await tabs.append('b')
  await eventually(() => expect(follower.texts).toEqual(['a', 'b']))
  const flushed = flushOf(follower)
  leader.tab.crash()
  tabs.release()
  await flushed
  expect(follower.role).toBe('leader')
  expect((await follower.db.storage?.size())?.rows).toBe(2)
})

test('[T11] flush() of a follower that is closed resolves', async () => {
  const tabs = await open()
  const [, follower] = await openTwo(tabs)
  tabs.hold()
  onTestFinished(tabs.release)
  await tabs.append('b')
  await eventually(() => expect(follower.texts).toEqual(['a', 'b']))
  const flushed = flushOf(follower)
  follower.db.close()
  await flushed
  await flushOf(follower)
})

test('[T11] flush() resolves in a tab that reads nothing, that has just begun, and that is alone', async () => {
  const tabs = await open()
  const idle = tabs.openTab()
  expect(idle.role).toBe('undecided')
  await flushOf(idle)
  const first = tabs.openTab()
  const loaded = first.db.preload()
  await flushOf(first)
  await loaded
  await flushOf(first)
  const alone = tabs.openTab({ tabs: false })
  await alone.db.preload()
  await flushOf(alone)
  await first.db.storage?.clear()
  await flushOf(first)
  await flushOf(idle)
})

test('[T11] flush() of a hidden follower whose leader is frozen ends after a while', async () => {
  const tabs = await open()
  const [leader, follower] = await openTwo(tabs)
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  tabs.hold()
  onTestFinished(tabs.release)
  await tabs.append('b')
  await vi.waitFor(() => expect(follower.texts).toEqual(['a', 'b']))
  follower.tab.setVisible(false)
  leader.tab.freeze()
  const flushed = flushOf(follower)
  await vi.advanceTimersByTimeAsync(25_000)
  await flushed
})
