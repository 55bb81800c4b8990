import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeStreamStore } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'
import { createFileBlocks } from '../src/node/index.ts'
import { createMemoryBlocks, createStreamStore } from '../src/index.ts'

/** Reverses the text into bytes: what a codec makes of it is no text any more. */
const backwards = {
  encode: (text: string) => new TextEncoder().encode(text).reverse(),
  decode: (block: string | Uint8Array) =>
    new TextDecoder().decode(Uint8Array.from(block as Uint8Array).reverse()),
}

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'streamdb-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

describeStreamStore('memory', () => createStreamStore(createMemoryBlocks()))
describeStreamStore('memory, by a codec', () => createStreamStore(createMemoryBlocks(), { codec: backwards }))
describeStreamStore('files', async () => createStreamStore(createFileBlocks(await directory())))
