import { eventually, needs, startScriptedServer } from '@streamdb/testkit'
import { roomServer } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createLiveQueryCollection, createStateSchema, createStreamDB } from '../src/index.ts'

const state = createStateSchema({
  notes: { schema: z.looseObject({ id: z.string() }), type: 'note', primaryKey: 'id' },
})

/** An event's JSON text, whose value is nested `depth` deep: too deep for JSON.stringify. */
const deepNote = (id: string, depth: number): string =>
  `{"type":"note","key":"${id}","value":{"id":"${id}","deep":${'['.repeat(depth)}${']'.repeat(depth)}},"headers":{"operation":"upsert"}}`

const note = (id: string, text = ''): string =>
  JSON.stringify({ type: 'note', key: id, value: { id, text }, headers: { operation: 'upsert' } })

async function append(url: string, ...events: string[]): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: `[${events.join(',')}]` })
  expect(response.ok).toBe(true)
}

test('[F-real-57] values that others nested too deeply are issues, live and in a catch-up, and everything else lands', async () => {
  await needs('nesting')
  const url = await (await roomServer()).createStream()
  await append(url, note('a'), deepNote('b', 1_500), note('c'))
  const conflicts: unknown[] = []
  const db = createStreamDB({
    streamOptions: { url },
    state,
    onConflict: { notes: (conflict) => void conflicts.push(conflict) },
  })
  onTestFinished(() => db.close())
  const live = createLiveQueryCollection((q) => q.from({ note: db.collections.notes }))
  await db.preload()
  await live.preload()
  expect([...db.collections.notes.keys()]).toEqual(['a', 'c'])

  // Twice: the second one is compared with the first. And over one's own write, which is watched for conflicts.
  const write = db.collections.notes.insert({ id: 'd', text: 'mine' })
  await append(url, deepNote('b', 1_500), deepNote('b', 1_500), deepNote('d', 1_500), note('e'))
  await write.when('settled')
  await eventually(() => expect(live.has('e')).toBe(true))
  expect(db.status.name).toBe('live')
  expect(db.issues.total).toBe(4)
  expect(db.issues.last.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'too-deep'))
  expect(conflicts).toEqual([])
})
test('[F-real-57] the first value of a large page is nested 10,000 deep', async () => {
  const events = [
    deepNote('a', 10_000),
    ...Array.from({ length: 2_000 }, (_, n) => note(`n${n}`, 'x'.repeat(500))),
  ]
  const server = await startScriptedServer((_request, reply) => {
    reply.page({ body: `[${events.join(',')}]`, nextOffset: '1', upToDate: true, closed: true })
  })
  onTestFinished(() => server.close())
  const db = createStreamDB({ streamOptions: { url: `${server.url}/stream` }, state })
  onTestFinished(() => db.close())
  await db.preload()
  expect(db.collections.notes.size).toBe(2_000)
  expect(db.issues.last.map(({ code }) => code)).toEqual(['too-deep'])
})

test('[F-real-73] a value of 40 MB is an issue, and everything else lands', async () => {
  const events = [note('a'), note('b', 'x'.repeat(40 * 1024 * 1024)), note('c')]
  const server = await startScriptedServer((_request, reply) => {
    reply.page({ body: `[${events.join(',')}]`, nextOffset: '1', upToDate: true, closed: true })
  })
  onTestFinished(() => server.close())
  const db = createStreamDB({ streamOptions: { url: `${server.url}/stream` }, state })
  onTestFinished(() => db.close())
  await db.preload()
  expect([...db.collections.notes.keys()]).toEqual(['a', 'c'])
  expect(db.issues.last.map(({ code }) => code)).toEqual(['too-large'])
})
