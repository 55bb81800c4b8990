import { scratchFolder, signIn } from '@streamdb/example-shared/testing'
import { eventually, itemsOf } from '@streamdb/testkit'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { binaryPath, crateOf, engineNames } from '../../../scripts/engines/catalog.mjs'
import { ChatServer } from './chat-server.ts'

/** `CHAT_ENGINES` names others than the two that are quick to start. */
const wanted = (process.env['CHAT_ENGINES'] ?? 'node,ds').split(',')
const engines = engineNames.filter((name) => wanted.includes(name))

function isInstalled(name: (typeof engineNames)[number]): boolean {
  const crate = crateOf(name)
  return crate === undefined || existsSync(binaryPath(crate))
}

async function say(url: string, id: string, authorId: string): Promise<number> {
  const value = { id, authorId, text: 'hello', sentAt: 1 }
  const response = await fetch(`${url}/stream/rooms/lobby`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await signIn(url)) },
    body: JSON.stringify({ type: 'message', key: id, value, headers: { operation: 'insert' } }),
  })
  return response.status
}

interface Row {
  readonly type: string
  readonly key: string
}

async function rows(url: string, path: string): Promise<Row[]> {
  return itemsOf<Row>(await fetch(`${url}/stream/rooms/${path}?offset=-1`, { headers: await signIn(url) }))
}

test.for(engines)(
  '[EN9] the chat runs on %s: rooms, rules and snapshots, over a restart',
  async (engine, { skip }) => {
    if (!isInstalled(engine)) skip(`${engine} is not installed: npm run engines:install -- ${engine}`)
    const data = scratchFolder()
    const env = { CHAT_SNAPSHOTS_EVERY: '500' }
    const first = await ChatServer.start({ data, engine, env })
    expect(await say(first.url, 'mine', 'ada')).toBe(204)
    expect(await say(first.url, 'theirs', 'grace')).toBe(403)
    await eventually(async () => expect(await rows(first.url, 'archive.snapshots')).not.toEqual([]), {
      timeout: 60_000,
    })
    expect((await first.stop()).stderr).toBe('')

    const again = await ChatServer.start({ data, engine })
    const messages = (await rows(again.url, 'lobby')).filter(({ type }) => type === 'message')
    expect(messages.map(({ key }) => key)).toEqual(['lobby-1', 'lobby-2', 'lobby-3', 'lobby-4', 'mine'])
    expect((await again.stop()).stderr).toBe('')
  },
)
