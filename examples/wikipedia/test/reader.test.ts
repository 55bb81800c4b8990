import { sharedData } from '@streamdb/testkit'
import type { ChangeEvent } from '@streamdb/state'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Change, Source } from '../src/state.ts'
import { parseChange } from '../worker/parse-change.ts'
import { userAgent } from '../worker/read-events.ts'
import { inserted, TestReader } from './changes.ts'
import { startEventServer } from './event-server.ts'
import { refusingAddress } from './refusing-address.ts'

const recording = sharedData('wikimedia-recentchange.ndjson')
const needsRecording = 'needs ../shared/data/wikimedia-recentchange.ndjson'
const recorded = recording === undefined ? [] : readFileSync(recording, 'utf8').trim().split('\n')
const idOf = (line: string) => (JSON.parse(line) as { meta: { id: string } }).meta.id

const rows = (events: readonly ChangeEvent[]) => inserted(events).map(({ value }) => value as Change)
const lastSource = (events: readonly ChangeEvent[]) =>
  events.filter(({ type }) => type === 'source').at(-1)?.value as Source

test.skipIf(recording === undefined)(
  `[Y1] a connection that is cut in mid event is resumed: nothing is lost, nothing doubled (${needsRecording})`,
  async () => {
    const server = await startEventServer({ events: recorded, cuts: [7, 0, 31, 1], refusals: [503] })
    const reader = await TestReader.start({ origin: 'live' }, { url: server.url })
    const events = await reader.readUntil((read) => inserted(read).length === recorded.length)
    expect(inserted(events).map(({ key }) => key)).toEqual(recorded.map(idOf))
    expect(rows(events).map(({ position }) => position)).toEqual(recorded.map((_, index) => index + 1))
    const asked = server.requests.map((headers) => String(headers['last-event-id'] ?? ''))
    expect(asked.map((id) => Number(/"offset":(\d+)/.exec(id)?.[1] ?? 0))).toEqual([0, 0, 7, 7, 38, 39])
    expect(new Set(server.requests.map((headers) => headers['user-agent']))).toEqual(new Set([userAgent]))
    expect(userAgent).toMatch(/^\S+\/[\d.]+ \(https:\/\/.+\)$/)
  },
)

test.skipIf(recording === undefined)(
  `[Y1] a reader that ends anywhere is followed by one that goes on behind the last event of the stream (${needsRecording})`,
  async () => {
    const server = await startEventServer({ events: recorded, cuts: [20, 3] })
    const reader = await TestReader.start(
      { origin: 'live' },
      { url: server.url, events: { retry: { initialDelay: 60_000, maxDelay: 60_000 } } },
    )
    await reader.readUntil((read) => inserted(read).length === 20)
    await reader.end()
    await reader.again({ origin: 'live' })
    await reader.readUntil((read) => inserted(read).length === 23)
    await reader.end()
    await reader.again({ origin: 'live' })
    const events = await reader.readUntil(
      (read) => inserted(read).length === recorded.length && lastSource(read)?.epoch === 2,
    )
    expect(inserted(events).map(({ key }) => key)).toEqual(recorded.map(idOf))
  },
)

test('[Y2] the newest changes are rows, and the stream is followed by another one when it is large: nothing is missing', async () => {
  const keep = 200
  // Old streams stay for as long as they are read here; whoever comes later than that asks the server for the newest one.
  const options = { url: 'http://127.0.0.1:1/', keep, maxBytes: 150_000, grace: 60_000 }
  const reader = await TestReader.start({ origin: 'synthetic', speed: 3_000 }, options)
  const positions: number[] = []
  const held = new Set<string>()
  const seen: string[] = []
  for (let url = reader.url; seen.length < 3;) {
    seen.push(url)
    held.clear()
    const events = await reader.readUntil((_, read) => {
      if (read.type !== 'event' || !('type' in read.event)) return false
      const { type, key, value, headers } = read.event
      if (type === 'source') return (value as Source).next !== undefined
      if (headers.operation === 'delete') held.delete(key)
      else {
        held.add(key)
        const { position } = value as Change
        if (position > (positions.at(-1) ?? 0)) positions.push(position)
      }
      return false
    }, url)
    // One append may hold more than the rows that are kept, for its inserts come before its deletes.
    expect(held.size).toBeLessThanOrEqual(keep)
    // The limit, and the longest append there is.
    expect(JSON.stringify(events).length).toBeLessThan(3_000_000)
    url = reader.server.url + (lastSource(events).next ?? '')
  }
  const [first = 0] = positions
  expect(positions).toEqual(positions.map((_, index) => first + index))
  expect(positions.length).toBeGreaterThan(keep)
  await reader.end()
  await reader.again({ origin: 'synthetic', speed: 1 })
  for (const url of seen) expect((await fetch(`${url}?offset=-1`)).status, url).toBe(404)
})

test('[Y3] what cannot be reached is said, on the page and at the console, and made-up changes are labelled', async () => {
  const reader = await TestReader.start({ origin: 'live' }, { url: await refusingAddress() })
  const unreachable = await reader.readUntil((read) => lastSource(read)?.state === 'unreachable')
  expect(lastSource(unreachable)).toMatchObject({
    origin: 'live',
    detail: expect.stringMatching(/ECONNREFUSED/),
  })
  expect(lastSource(unreachable).nextTry).toBeGreaterThan(0)
  expect(reader.said).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:\d+ cannot be reached.*\n.*--replay FILE/),
  ])
  await reader.end()
  await reader.again({ origin: 'synthetic', speed: 1_000 })
  const events = await reader.readUntil((read) => inserted(read).length > 50)
  for (const change of rows(events)) {
    expect(change).toMatchObject({ origin: 'synthetic', title: expect.stringMatching(/^Made-up page/) })
  }
  await reader.end()
  await reader.again({ origin: 'replay', speed: 100 })
  const without = await reader.readUntil((read) => lastSource(read)?.state === 'ended')
  expect(lastSource(without).detail).toMatch(/start with --replay FILE/)
})

test.skipIf(recording === undefined)(
  `[Y3] a file is replayed at a speed, again and again (${needsRecording})`,
  async () => {
    const options = { url: 'http://127.0.0.1:1/', ...(recording !== undefined && { recording }) }
    const reader = await TestReader.start({ origin: 'replay', speed: 2_000 }, options)
    const events = await reader.readUntil((read) => inserted(read).length >= 2 * recorded.length + 1)
    const [first, again] = [rows(events)[0], rows(events)[recorded.length]]
    expect(again).toMatchObject({ title: first?.title, user: first?.user, origin: 'replay' })
    expect(again?.id).not.toBe(first?.id)
    expect(lastSource(events)).toMatchObject({
      state: 'open',
      label: 'wikimedia-recentchange.ndjson',
      speed: 2_000,
    })
  },
)

test.each([
  ['no JSON', '{', 'invalid'],
  ['no change', '{"meta":{}}', 'invalid'],
  [
    'a canary',
    JSON.stringify({
      meta: { id: '1', dt: '2026-01-01T00:00:00Z', domain: 'canary' },
      type: 'edit',
      wiki: 'x',
      user: 'y',
    }),
    'canary',
  ],
  [
    'a change of a log, without a page',
    JSON.stringify({
      meta: { id: '1', dt: '2026-01-01T00:00:00Z' },
      type: 'log',
      wiki: 'x',
      user: 'y',
      comment: null,
    }),
    'change',
  ],
])('[Y1] %s is read as what it is', (_, data, type) => {
  expect(parseChange(data).type).toBe(type)
})

test('[Y1] an address that a browser could run is no link', () => {
  const event = {
    meta: { id: '1', dt: '2026-01-01T00:00:00Z', uri: 'javascript:alert(1)' },
    type: 'edit',
    wiki: 'x',
    user: 'y',
  }
  const parsed = parseChange(JSON.stringify({ ...event, notify_url: 'data:text/html,1' }))
  expect(parsed).toMatchObject({ type: 'change' })
  expect(JSON.stringify(parsed)).not.toMatch(/javascript|data:/)
})
