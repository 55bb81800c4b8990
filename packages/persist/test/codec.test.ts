import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openRoom, quick, rowsOf } from '@streamdb/testkit/rooms'
import { transform } from 'esbuild'
import { expect, test } from 'vitest'
import { createMemoryBlocks, createStorage, createStreamStore } from '../src/index.ts'
import type { Codec } from '../src/index.ts'

/** The recipe of docs/storage.md, as it stands there. */
async function documentedCodec(key: CryptoKey): Promise<Codec> {
  const text = readFileSync(fileURLToPath(new URL('../../../docs/storage.md', import.meta.url)), 'utf8')
  const recipe = /export function aesGcm[\s\S]*?\n}\n/.exec(text)?.[0] ?? ''
  const { code } = await transform(recipe, { loader: 'ts', format: 'esm' })
  const url = `data:text/javascript,${encodeURIComponent(code)}`
  const { aesGcm } = (await import(/* @vite-ignore */ url)) as { aesGcm: (key: CryptoKey) => Codec } // as it is documented
  return aesGcm(key)
}

test('[S7] what is stored by the documented recipe is read by its key alone', async () => {
  const newKey = (): Promise<CryptoKey> =>
    crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const blocks = createMemoryBlocks()
  const codec = await documentedCodec(await newKey())
  const event = {
    type: 'user',
    key: 'u1',
    value: { id: 'u1', name: 'Adelaide' },
    headers: { operation: 'upsert' },
  }
  const { db, url } = await openRoom([event], {
    storage: createStorage(createStreamStore(blocks, { codec })),
  })
  await db.preload()
  await db.storage?.flush()
  db.close()
  const opened = await blocks.open(` ${url}`)
  let stored = 0
  for await (const block of opened.read(await opened.list(''))) {
    stored++
    expect(typeof block === 'string' ? block : Buffer.from(block ?? []).toString('latin1')).not.toContain(
      'Adelaide',
    )
  }
  expect(stored).toBeGreaterThan(2)
  const fetch = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'))
  const offline = { url, streamOptions: { url, fetch }, retry: quick }
  const again = await openRoom([], {
    ...offline,
    storage: createStorage(createStreamStore(blocks, { codec })),
  })
  await again.db.preload()
  expect(rowsOf(again.db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Adelaide' } })
  const wrong = await documentedCodec(await newKey())
  const other = await openRoom([], {
    url,
    storage: createStorage(createStreamStore(blocks, { codec: wrong })),
  })
  await other.db.preload()
  expect(other.db.collections.users.size).toBe(1)
})
