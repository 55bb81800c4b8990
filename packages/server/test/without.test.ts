import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fetchWithout } from '@streamdb/testkit'
import { afterAll, expect, test } from 'vitest'
import { compactStream, findCapabilities } from '../src/index.ts'
import { open, startStream, zero } from './conditional-kit.ts'
import { note, open as openNotes, startGateway } from './gateway-kit.ts'
import { createLog, kit, put, rowsOf, stopKit } from './logs.ts'

// What docs/servers.md says under "Without a capability".

afterAll(stopKit)

test('[EN11] without `closing`: no snapshot is written, the refusal is the error, and readers read the log', async () => {
  const log = await createLog([put('a'), put('b')], [put('c')])
  const source = { url: log.direct, fetch: fetchWithout('closing') }
  await expect(compactStream({ source })).rejects.toMatchObject({ code: 'write-failed' })
  expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
  // What was begun is no snapshot to anybody.
  expect(log.requests().filter((each) => each.includes('(snapshot)'))).toEqual([])
})

test('[EN11] without `sequence`: one gateway keeps log order by itself', async () => {
  const stream = await startStream(zero)
  const upstream = { url: stream.direct.replace(/\/a$/, ''), fetch: fetchWithout('sequence') }
  const url = await stream.gateway({ upstream })
  const clients = [open(url), open(url), open(url)]
  await Promise.all(clients.map((db) => db.preload()))
  const add = async (db: (typeof clients)[number]): Promise<string> => {
    const tx = db.transact(() => db.collections.counters.update('a', (row) => void (row.n += 1)), {
      expect: 'unchanged',
    })
    return tx.when('settled').then(
      () => 'stored',
      (error: { readonly code?: string }) => error.code ?? String(error),
    )
  }
  const outcomes = (await Promise.all([0, 1, 2, 3].flatMap(() => clients.map(add)))).sort()
  const stored = outcomes.filter((outcome) => outcome === 'stored').length
  expect(stored).toBeGreaterThan(0)
  // Each was stored on what it had seen, or refused: none was lost.
  expect((await stream.events()).map(({ value }) => value?.n)).toEqual(
    Array.from({ length: stored + 1 }, (_, n) => n),
  )
})

test('[EN11] without `cors`: the write gateway in front says which pages may read and write', async () => {
  const origin = 'https://app.example.com'
  const gateway = await startGateway({ cors: { origins: [origin] } })
  const url = await gateway.create('a')
  await gateway.append('a', note('1'))
  const answer = await fetch(url, { headers: { origin, authorization: 'Bearer ada' } })
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
  const db = openNotes(url)
  await db.preload()
  expect(db.collections.notes.size).toBe(1)
})

test.each(['producers', 'sequence', 'closing', 'stamps', 'clock', 'bytes', 'nesting'] as const)(
  '[EN4] a server without `%s` is told from one with it',
  async (name) => {
    const { url } = await kit()
    const found = await findCapabilities({ url: `${url}/any`, fetch: fetchWithout(name) })
    expect(found[name].supported).toBe(false)
    expect(found['long-poll'].supported).toBe(true)
  },
)

test('[EN11] each row of "Without a capability" has a test', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const [, section = ''] = readFileSync(`${root}docs/servers.md`, 'utf8').split('## Without a capability')
  const rows = [...(section.split('\n## ')[0]?.matchAll(/^\| `([\w-]+)`/gm) ?? [])].map(
    ([, name = '']) => name,
  )
  expect(rows.length).toBeGreaterThan(10)
  const titles = readdirSync(`${root}packages`)
    .flatMap((name) => testsIn(`${root}packages/${name}/test`))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\[EN11\][^\n]*without ([^:\n]*)/g)])
    .flatMap(([, names = '']) => [...names.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name))
  expect(rows.filter((name) => !titles.includes(name))).toEqual([])
})

function testsIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    // What is installed in a folder of tests has links that lead back.
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testsIn(path)
    return /\.test\.tsx?$/.test(entry.name) ? [path] : []
  })
}
