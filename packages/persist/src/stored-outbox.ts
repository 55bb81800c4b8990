import type { OutboxChange, OutboxStore, StoredWrite } from '@streamdb/log'
import type { Block, Blocks } from './blocks.ts'
import type { BlockFormat } from './codec.ts'
import {
  asCorrupt,
  ignoreCorrupt,
  MOST_ATTEMPTS,
  refusedError,
  staleError,
  toStorageError,
  unreadableError,
} from './errors.ts'
import { FORMAT, formatKey, leaseKey, notePrefix, outboxPrefix } from './stored-manifest.ts'

/** Returns the outbox beside the rows: a block for each write, and for each note. */
export function createStoredOutbox(blocks: Blocks, format: BlockFormat): OutboxStore {
  return {
    async list(onUnreadable) {
      try {
        const keys = await blocks.list(outboxPrefix)
        const writes: StoredWrite[] = []
        let index = 0
        for await (const block of blocks.read(keys)) {
          const key = keys[index++] ?? ''
          if (block === undefined) continue
          try {
            // By its checksum it is ours.
            writes.push((await format.decode(block, key)) as StoredWrite)
          } catch (error) {
            asCorrupt(error)
            onUnreadable?.(unreadableError(error))
          }
        }
        return writes.sort((a, b) => a.order - b.order)
      } catch (error) {
        throw toStorageError(error, 'Reading the outbox failed')
      }
    },
    async change(change, epoch) {
      try {
        return await changeBlocks(change, epoch, blocks, format)
      } catch (error) {
        throw toStorageError(error, 'Changing the outbox failed')
      }
    },
    async note(name) {
      try {
        const key = notePrefix + name
        for await (const block of blocks.read([key])) {
          // Without it the outbox works as a new one.
          if (block !== undefined) return await format.decode(block, key).catch(ignoreCorrupt)
        }
        return undefined
      } catch (error) {
        throw toStorageError(error, 'Reading a note failed')
      }
    },
  }
}

async function changeBlocks(
  { put = [], update = [], remove = [], ifRefused = [], notes = {} }: OutboxChange,
  epoch: number | undefined,
  blocks: Blocks,
  format: BlockFormat,
): Promise<readonly string[]> {
  const encode = async (key: string, value: unknown): Promise<readonly [string, Block]> => [
    key,
    await format.encode(value),
  ]
  const added = await Promise.all(put.map((write) => encode(outboxPrefix + write.txid, write)))
  const conditions = ifRefused.map((each) => ({
    removed: outboxPrefix + each.remove,
    added: outboxPrefix + (each.put ?? ''),
    txid: each.put ?? each.remove,
  }))
  const updated = await Promise.all(update.map((write) => encode(outboxPrefix + write.txid, write)))
  const noted = Object.entries(notes).filter(([, value]) => value !== undefined)
  const removedNotes = Object.keys(notes).filter((name) => notes[name] === undefined)
  const notesPut = await Promise.all(noted.map(([name, value]) => encode(notePrefix + name, value)))
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    // What is new needs no look before: the fewer requests, the sooner it survives the page.
    const before = await readAll(blocks, [
      ...updated.map(([key]) => key),
      ...conditions.map(({ removed }) => removed),
    ])
    const held = updated.filter(([key]) => before.get(key) !== undefined)
    const unmet: typeof conditions = []
    for (const condition of conditions) {
      if (!(await isRefused(condition.removed, before.get(condition.removed), format))) unmet.push(condition)
    }
    const left = new Set(unmet.flatMap(({ removed, added: other }) => [removed, other]))
    const met = conditions.filter((condition) => !unmet.includes(condition))
    const isChanged = await blocks.write({
      put: [[formatKey, String(FORMAT)], ...added.filter(([key]) => !left.has(key)), ...held, ...notesPut],
      remove: [
        ...remove.map((txid) => outboxPrefix + txid).filter((key) => !left.has(key)),
        ...removedNotes.map((name) => notePrefix + name),
      ],
      // Another tab may take one of them out meanwhile, or the lead.
      expect: [
        ...held.map(([key]) => [key, before.get(key)] as const),
        ...met.map(({ removed }) => [removed, before.get(removed)] as const),
        ...(epoch === undefined ? [] : [[leaseKey, String(epoch)] as const]),
      ],
    })
    if (!isChanged) {
      const lease = epoch === undefined ? undefined : (await readAll(blocks, [leaseKey])).get(leaseKey)
      if (epoch !== undefined && lease !== String(epoch)) throw staleError(epoch)
      continue
    }
    const keys = new Set(held.map(([key]) => key))
    return [
      ...update.map(({ txid }) => txid).filter((txid) => !keys.has(outboxPrefix + txid)),
      ...unmet.map(({ txid }) => txid),
    ]
  }
  throw refusedError()
}

async function isRefused(key: string, block: Block | undefined, format: BlockFormat): Promise<boolean> {
  // What cannot be read is as good as gone.
  const found = block && (await format.decode(block, key).catch(ignoreCorrupt))
  // By its checksum it is ours.
  return (found as StoredWrite | undefined)?.state.name === 'refused'
}

async function readAll(blocks: Blocks, keys: readonly string[]): Promise<Map<string, Block | undefined>> {
  const found = new Map<string, Block | undefined>()
  let index = 0
  for await (const block of blocks.read(keys)) found.set(keys[index++] ?? '', block)
  return found
}
