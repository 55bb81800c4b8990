import { eventually } from '@streamdb/testkit'
import { roomServer } from '@streamdb/testkit/rooms'
import { expect, test } from 'vitest'
import type { WorldTab } from '@streamdb/testkit/tabs'
import { prepareTabs } from './open-tabs.ts'

test.each(['fails', 'is cleared'])(
  '[O1] [S6] a tab that led, and whose store %s, sends what is written there from memory',
  async (what) => {
    const kit = await roomServer()
    const url = await kit.createStream(undefined, { items: [] })
    let broken: WorldTab | undefined
    const { openTab } = prepareTabs(url, {
      wrapBlocks: (blocks, tab) => ({
        ...blocks,
        async open(id) {
          const opened = await blocks.open(id)
          const fail = (): Promise<never> => Promise.reject(new Error('the disk is gone'))
          return { ...opened, write: (change) => (tab === broken ? fail() : opened.write(change)) }
        },
      }),
    })
    const first = openTab({ offline: true, onError: () => undefined })
    await first.db.preload()
    await eventually(() => expect(first.role).toBe('leader'))
    const second = openTab({ offline: true })
    await second.db.preload()
    if (what === 'fails') broken = first.tab
    else await first.db.storage?.clear()
    const written = ['a', 'b'].map((text) =>
      first.db.collections.messages.insert({ id: text, text, userId: 'u1' }),
    )
    await eventually(() => expect(first.role).toBe('alone'))
    written.push(first.db.collections.messages.insert({ id: 'c', text: 'c', userId: 'u1' }))
    await Promise.all(written.map((each) => each.when('settled')))
    expect(first.texts).toEqual(['a', 'b', 'c'])
  },
)
