import type { StreamDBError } from '@streamdb/log'
import { eventually } from '@streamdb/testkit'
import { roomServer } from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, test } from 'vitest'
import { olderChecksum } from '../../src/checksum.ts'
import { createDevice, offline } from './device.ts'
import type { Device } from './device.ts'

afterAll(async () => (await roomServer()).stop())

/** What a server answers that does not know the producer any more: it expects its first message. */
const forgotten = new Response(null, {
  status: 409,
  headers: { 'producer-expected-seq': '0', 'producer-received-seq': '1' },
})

/** Writes while there is no network, and closes the page. */
async function writeOffline(device: Device, ids: readonly string[]): Promise<void> {
  device.network = offline
  const { db, close } = device.open()
  for (const id of ids) db.collections.users.insert({ id, name: id })
  await db.outbox?.whenStored()
  await close()
}

/** Resolves when the store has so many unsent writes left: none. */
async function whenEmpty({ stored }: Device, left = 0): Promise<void> {
  const blocks = await stored
  await eventually(async () => expect(await blocks.list('outbox:')).toHaveLength(left))
}

describe('[O2] a server that has forgotten the producer', () => {
  test('what waited goes under another one, each once, in order', async () => {
    const device = await createDevice()
    const first = device.open()
    await first.db.preload()
    await first.db.collections.users.insert({ id: 'u0', name: 'u0' }).when('settled')
    await first.close()
    await writeOffline(device, ['u1', 'u2', 'u3'])

    const producers: (string | undefined)[] = []
    device.network = (method, _body, headers) => {
      if (method !== 'POST') return 'pass'
      producers.push(headers?.get('producer-id') ?? undefined)
      return producers.length === 1 ? forgotten : 'pass'
    }
    const { db } = device.open()
    await db.preload()
    await whenEmpty(device)
    expect([...db.collections.users.keys()].sort()).toEqual(['u0', 'u1', 'u2', 'u3'])
    expect(await device.keys()).toEqual(['u0', 'u1', 'u2', 'u3'])
    expect(new Set(producers).size).toBe(2)
    expect(db.outbox?.get()).toEqual([])
  })

  test('a message whose answer was lost is looked for in the log before it goes again', async () => {
    const device = await createDevice()
    const first = device.open()
    await first.db.preload()
    // The first is stored, and nobody hears of it; the second is never sent.
    device.network = (method) => (method === 'POST' ? 'lose-answer' : 'fail')
    first.db.collections.users.insert({ id: 'u1', name: 'u1' })
    await eventually(() => expect(device.posts).toHaveLength(1))
    first.db.collections.users.insert({ id: 'u2', name: 'u2' })
    await first.db.outbox?.whenStored()
    first.crash()

    let refusals = 0
    device.network = (method) => (method === 'POST' && refusals++ === 0 ? forgotten : 'pass')
    const { db } = device.open()
    await db.preload()
    await whenEmpty(device)
    expect(await device.keys()).toEqual(['u1', 'u2'])
  })
})

describe('[O11] writes of an older store', () => {
  /** Writes every block of the outbox anew. */
  async function rewrite(device: Device, change: (block: string, index: number) => string): Promise<void> {
    const blocks = await device.stored
    const keys = await blocks.list('outbox:')
    let index = 0
    for await (const block of blocks.read(keys)) {
      const key = keys[index] ?? ''
      await blocks.write({ put: [[key, change(String(block), index++)]], remove: [] })
    }
  }

  test('what has the checksum of an older version is sent', async () => {
    const device = await createDevice()
    await writeOffline(device, ['u1', 'u2'])
    await rewrite(device, (block) => olderChecksum(block.slice(8)) + block.slice(8))
    device.network = () => 'pass'
    const { db } = device.open()
    await db.preload()
    await whenEmpty(device)
    expect(await device.keys()).toEqual(['u1', 'u2'])
  })

  test('one that cannot be read is reported, and stays; the others are sent', async () => {
    const device = await createDevice()
    await writeOffline(device, ['u1', 'u2', 'u3'])
    await rewrite(device, (block, index) => (index === 1 ? block.replace('u2', 'xx') : block))
    device.network = () => 'pass'
    const errors: StreamDBError[] = []
    const { db } = device.open({ onError: (error) => void errors.push(error) })
    await db.preload()
    await whenEmpty(device, 1)
    expect(await device.keys()).toEqual(['u1', 'u3'])
    expect(errors).toMatchObject([
      { code: 'storage-corrupt', message: expect.stringContaining('was not sent yet cannot be read') },
    ])
    expect([...db.collections.users.keys()].sort()).toEqual(['u1', 'u3'])
    expect(db.storage?.status.get().name).toBe('ready')
  })
})
