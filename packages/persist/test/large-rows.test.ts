import type { StoredRow } from '@streamdb/log'
import { expect, test } from 'vitest'
import { createMemoryBlocks, createStreamStore } from '../src/index.ts'
import type { Codec } from '../src/index.ts'

const head = { checkpoint: { offset: '1' }, identity: {}, version: 1, types: ['user'] }

/** Saves rows twice, the second time beside changes; returns what is stored then, and how long the longest text was. */
async function saved(
  rows: readonly StoredRow[],
  most = Infinity,
): Promise<{ rows: unknown[]; longest: number }> {
  let longest = 0
  const codec: Codec = {
    encode(text) {
      if (text.length > most) throw new RangeError('Invalid string length')
      longest = Math.max(longest, text.length)
      return text
    },
    decode: String,
  }
  const opened = await createStreamStore(createMemoryBlocks(), { codec }).open('a stream')
  const epoch = await opened.claim()
  await opened.save({ head, replaces: true, changes: rows }, epoch)
  await opened.save({ head, replaces: false, changes: rows }, epoch)
  const found: unknown[] = []
  for await (const chunk of (await opened.load())?.rows ?? []) found.push(...chunk)
  return { rows: found, longest }
}

const rowsOf = (count: number, length: number): StoredRow[] =>
  Array.from({ length: count }, (_, index) => [
    'user',
    `u${index}`,
    { id: `u${index}`, text: 'x'.repeat(length) },
  ])

test('[S2] a chunk of large rows is stored as several blocks, each parsed in a few ms', async () => {
  const rows = rowsOf(300, 50_000)
  const found = await saved(rows)
  expect(found.rows).toEqual(rows)
  expect(found.longest).toBeLessThan(3_000_000)
})

test('[S2] rows that are too long for one text together are stored as several blocks', async () => {
  const rows = [...rowsOf(19, 5_000), ...rowsOf(5000, 10).slice(19)]
  const found = await saved(rows, 60_000)
  expect(found.rows).toEqual(rows)
})

test('[S6] one that is too long by itself is an error', async () => {
  await expect(saved(rowsOf(3, 100_000), 60_000)).rejects.toMatchObject({ code: 'storage-failed' })
})
