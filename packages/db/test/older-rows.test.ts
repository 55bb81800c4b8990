import { StreamDBError } from '@streamdb/log'
import type { OlderRows } from '@streamdb/log'
import { fold } from '@streamdb/state'
import type { ChangeEvent, StateEvent } from '@streamdb/state'
import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { Reporter } from '../src/report.ts'
import { OlderRowsLoader } from '../src/sync/older-rows.ts'

const message = (key: string): ChangeEvent => ({
  type: 'message',
  key,
  value: { id: key },
  headers: { operation: 'insert' },
})

/** A loader of rows that are left, which are read by `read`; and what it made visible and told observers. */
function openLoader(read: OlderRows['read'], remaining: number) {
  const shown: string[] = []
  const told: unknown[] = []
  const isEvent = (item: unknown): item is StateEvent => item !== null
  const loader = new OlderRowsLoader({
    plan: { newest: { last: 1, of: ['message'], whole: [] }, rest: 'background' },
    fold: (items) => fold(items.filter(isEvent)),
    apply: (changes) => {
      for (const rows of changes().rows.values()) shown.push(...rows.keys())
      return Promise.resolve()
    },
    countOf: () => 1,
    restart: () => undefined,
    whenRead: () => Promise.resolve(),
    onChange: () => undefined,
    observers: { want: () => true, olderRows: (events) => void told.push(...events) },
    reporter: new Reporter(() => undefined),
    scheduler: { yieldIfDue: () => Promise.resolve() },
    signal: new AbortController().signal,
  })
  const left = { remaining, delivered: ['newest'], read, retryNow: () => undefined }
  loader.begin(left)
  return { loader, left, shown, told }
}

test('[R8] rows that are given up are not asked for again with each event; when somebody asks, the rest follows', async () => {
  let reads = 0
  const { loader, left, shown } = openLoader(() => {
    reads++
    if (reads === 1) return Promise.reject(new StreamDBError('unauthorized', 'refused'))
    left.remaining--
    return Promise.resolve([message(`m${left.remaining}`)])
  }, 3)
  loader.onUpToDate()
  await eventually(() => expect(loader.get().error?.code).toBe('unauthorized'))
  for (let times = 0; times < 3; times++) loader.onUpToDate()
  expect([reads, loader.get().loading]).toEqual([1, false])
  expect(await loader.load()).toEqual({ loaded: 1, remaining: 2 })
  loader.onUpToDate()
  await eventually(() => expect(loader.get()).toEqual({ remaining: 0, loading: false }))
  expect(shown).toEqual(['m2', 'm1', 'm0'])
})

test('[R2] [R3] what is no event among older rows is passed over, and what the log has said since is not told', async () => {
  const rows = [null, message('m0'), message('m1')]
  const { loader, left, shown, told } = openLoader(() => {
    left.remaining = 0
    return Promise.resolve(rows)
  }, 2)
  loader.onRow(message('m1'))
  loader.onRow({ ...message('m0'), type: 'delta' })
  expect(await loader.load()).toEqual({ loaded: 2, remaining: 0 })
  expect([shown, told]).toEqual([['m0'], [rows[1]]])
})
