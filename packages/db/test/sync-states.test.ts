import { StreamDBError } from '@streamdb/log'
import { describe, expect, test } from 'vitest'
import { nextLoad } from '../src/sync/initial-load.ts'
import type { LoadEvent, LoadState } from '../src/sync/initial-load.ts'
import { afterIngest } from '../src/sync/transaction-boundary.ts'
import type { AfterIngest, BatchEnd } from '../src/sync/transaction-boundary.ts'

describe('nextLoad', () => {
  const error = new StreamDBError('stream-failed', 'reading failed')
  const states: { readonly [Name in LoadState['name']]: Extract<LoadState, { readonly name: Name }> } = {
    'not-loaded': { name: 'not-loaded' },
    hydrated: { name: 'hydrated' },
    loading: { name: 'loading' },
    restored: { name: 'restored' },
    'cut-off': { name: 'cut-off' },
    chunking: { name: 'chunking' },
    loaded: { name: 'loaded' },
    failed: { name: 'failed', error },
  }
  const events: { readonly [Type in LoadEvent['type']]: Extract<LoadEvent, { readonly type: Type }> } = {
    hydrate: { type: 'hydrate' },
    start: { type: 'start' },
    restore: { type: 'restore' },
    break: { type: 'break' },
    chunk: { type: 'chunk' },
    restart: { type: 'restart' },
    load: { type: 'load' },
    fail: { type: 'fail', error: new StreamDBError('closed', 'later') },
  }
  // A new state or event does not compile until every cell is filled.
  const table: Record<LoadState['name'], Record<LoadEvent['type'], LoadState['name'] | 'same'>> = {
    'not-loaded': {
      hydrate: 'hydrated',
      start: 'loading',
      restore: 'restored',
      break: 'same',
      chunk: 'same',
      restart: 'same',
      load: 'loaded',
      fail: 'failed',
    },
    hydrated: {
      hydrate: 'same',
      start: 'same',
      restore: 'restored',
      break: 'same',
      chunk: 'same',
      restart: 'same',
      load: 'loaded',
      fail: 'failed',
    },
    loading: {
      hydrate: 'same',
      start: 'same',
      restore: 'restored',
      break: 'same',
      chunk: 'chunking',
      restart: 'same',
      load: 'loaded',
      fail: 'failed',
    },
    chunking: {
      hydrate: 'same',
      start: 'same',
      restore: 'restored',
      break: 'same',
      chunk: 'same',
      restart: 'loading',
      load: 'loaded',
      fail: 'failed',
    },
    restored: {
      hydrate: 'same',
      start: 'same',
      restore: 'restored',
      break: 'cut-off',
      chunk: 'same',
      restart: 'same',
      load: 'loaded',
      fail: 'failed',
    },
    'cut-off': {
      hydrate: 'same',
      start: 'same',
      restore: 'restored',
      break: 'same',
      chunk: 'same',
      restart: 'same',
      load: 'loaded',
      fail: 'failed',
    },
    loaded: {
      hydrate: 'same',
      start: 'same',
      restore: 'same',
      break: 'same',
      chunk: 'same',
      restart: 'same',
      load: 'same',
      fail: 'failed',
    },
    failed: {
      hydrate: 'same',
      start: 'same',
      restore: 'restored',
      break: 'same',
      chunk: 'same',
      restart: 'same',
      load: 'loaded',
      fail: 'failed',
    },
  }
  const cells = Object.values(states).flatMap((state) =>
    Object.values(events).map((event) => [state.name, event.type, state, event] as const),
  )

  test.each(cells)('[L3] %s, then %s', (name, type, state, event) => {
    const next = nextLoad(state, event)
    expect(next === state ? 'same' : next.name).toBe(table[name][type])
  })
})

describe('afterIngest', () => {
  const whole: BatchEnd = {
    isComplete: true,
    isUpToDate: false,
    isStored: false,
    seeks: false,
    isLoaded: true,
    replaces: false,
    insideTransaction: false,
  }

  test.each<[string, Partial<BatchEnd>, AfterIngest]>([
    ['a whole batch of a loaded database', {}, 'apply'],
    ['a part of a response', { isComplete: false }, 'collect'],
    ['a part of a response that says it is up to date', { isComplete: false, isUpToDate: true }, 'collect'],
    ['a reset that sends the reader elsewhere', { seeks: true, isUpToDate: true }, 'collect'],
    ['a page of the first load', { isLoaded: false }, 'collect'],
    ['all rows of a store', { isLoaded: false, isStored: true }, 'apply'],
    ['some rows of a store', { isLoaded: false, isStored: true, isComplete: false }, 'collect'],
    ['the last page of the first load', { isLoaded: false, isUpToDate: true }, 'apply'],
    ['changes that replace all rows, in their middle', { replaces: true }, 'collect'],
    ['changes that replace all rows, at their end', { replaces: true, isUpToDate: true }, 'apply'],
    ['a transaction that may continue', { insideTransaction: true }, 'hold'],
    ['a transaction at the end of the log', { insideTransaction: true, isUpToDate: true }, 'apply'],
    ['a transaction in the first load', { insideTransaction: true, isLoaded: false }, 'collect'],
  ])('[C1] %s', (_what, facts, next) => {
    expect(afterIngest({ ...whole, ...facts })).toBe(next)
  })
})
