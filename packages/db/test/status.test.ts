import { describe, expect, test } from 'vitest'
import { StreamDBError } from '../src/index.ts'
import type { Status } from '../src/index.ts'
import { nextStatus } from '../src/sync/status.ts'
import type { StatusEvent } from '../src/sync/status.ts'

type Named<Union, Name> = Extract<Union, { readonly name: Name }>
type Typed<Union, Type> = Extract<Union, { readonly type: Type }>

const error = new StreamDBError('unreachable', 'first')
const later = new StreamDBError('unreachable', 'later')
const progress = { offset: '5', events: 10, bytes: 100 }

const statuses: { readonly [Name in Status['name']]: Named<Status, Name> } = {
  idle: { name: 'idle' },
  connecting: { name: 'connecting' },
  'catching-up': { name: 'catching-up', progress: { offset: '1', events: 1, bytes: 1 } },
  live: { name: 'live' },
  offline: { name: 'offline', since: 3 },
  reconnecting: { name: 'reconnecting', attempt: 1, since: 1, nextTry: 2, error },
  'needs-auth': { name: 'needs-auth', nextTry: 1, error },
  ended: { name: 'ended', reason: 'stream-closed' },
  failed: { name: 'failed', error },
  closed: { name: 'closed' },
}

const events: { readonly [Type in StatusEvent['type']]: Typed<StatusEvent, Type> } = {
  start: { type: 'start' },
  progress: { type: 'progress', progress },
  restore: { type: 'restore', progress, storedAt: 4 },
  'up-to-date': { type: 'up-to-date' },
  end: { type: 'end', reason: 'stream-closed' },
  break: { type: 'break', attempt: 3, now: 7, nextTry: 9, error: later },
  refuse: { type: 'refuse', nextTry: 9, error: later },
  fail: { type: 'fail', error: later },
  change: { type: 'change', snapshotSince: 5 },
  offline: { type: 'offline', now: 8 },
  online: { type: 'online', now: 9, error: later },
  close: { type: 'close' },
}

// A new state or event does not compile until every cell is filled.
const table: Record<Status['name'], Record<StatusEvent['type'], Status['name'] | 'same'>> = {
  idle: {
    start: 'connecting',
    progress: 'same',
    restore: 'same',
    'up-to-date': 'same',
    end: 'same',
    break: 'same',
    refuse: 'same',
    fail: 'same',
    change: 'same',
    offline: 'same',
    online: 'same',
    close: 'closed',
  },
  connecting: {
    start: 'same',
    progress: 'catching-up',
    restore: 'catching-up',
    'up-to-date': 'live',
    end: 'ended',
    break: 'reconnecting',
    refuse: 'needs-auth',
    fail: 'failed',
    change: 'same',
    offline: 'offline',
    online: 'same',
    close: 'closed',
  },
  'catching-up': {
    start: 'same',
    progress: 'catching-up',
    restore: 'catching-up',
    'up-to-date': 'live',
    end: 'ended',
    break: 'reconnecting',
    refuse: 'needs-auth',
    fail: 'failed',
    change: 'same',
    offline: 'offline',
    online: 'same',
    close: 'closed',
  },
  live: {
    start: 'same',
    progress: 'same',
    restore: 'same',
    'up-to-date': 'same',
    end: 'ended',
    break: 'reconnecting',
    refuse: 'needs-auth',
    fail: 'failed',
    change: 'live',
    offline: 'offline',
    online: 'same',
    close: 'closed',
  },
  offline: {
    start: 'same',
    progress: 'same',
    restore: 'same',
    'up-to-date': 'live',
    end: 'ended',
    break: 'same',
    refuse: 'needs-auth',
    fail: 'failed',
    change: 'same',
    offline: 'same',
    online: 'reconnecting',
    close: 'closed',
  },
  reconnecting: {
    start: 'same',
    progress: 'same',
    restore: 'same',
    'up-to-date': 'live',
    end: 'ended',
    break: 'reconnecting',
    refuse: 'needs-auth',
    fail: 'failed',
    change: 'same',
    offline: 'offline',
    online: 'same',
    close: 'closed',
  },
  'needs-auth': {
    start: 'same',
    progress: 'same',
    restore: 'same',
    'up-to-date': 'live',
    end: 'ended',
    break: 'reconnecting',
    refuse: 'needs-auth',
    fail: 'failed',
    change: 'same',
    offline: 'offline',
    online: 'same',
    close: 'closed',
  },
  ended: {
    start: 'connecting',
    progress: 'same',
    restore: 'same',
    'up-to-date': 'same',
    end: 'same',
    break: 'same',
    refuse: 'same',
    fail: 'same',
    change: 'same',
    offline: 'same',
    online: 'same',
    close: 'closed',
  },
  failed: {
    start: 'connecting',
    progress: 'same',
    restore: 'same',
    'up-to-date': 'same',
    end: 'same',
    break: 'same',
    refuse: 'same',
    fail: 'same',
    change: 'same',
    offline: 'same',
    online: 'same',
    close: 'closed',
  },
  closed: {
    start: 'same',
    progress: 'same',
    restore: 'same',
    'up-to-date': 'same',
    end: 'same',
    break: 'same',
    refuse: 'same',
    fail: 'same',
    change: 'same',
    offline: 'same',
    online: 'same',
    close: 'same',
  },
}

// Every cell, as the tables have no more and no less than the unions.
const cells = Object.values(statuses).flatMap((status) =>
  Object.values(events).map((event) => [status, event] as const),
)

describe('nextStatus', () => {
  test.each(cells.map(([status, event]) => [status.name, event.type, status, event] as const))(
    '[L2] %s, then %s',
    (name, type, status, event) => {
      const before = JSON.stringify(status)
      const next = nextStatus(status, event)
      expect(next === status ? 'same' : next.name).toBe(table[name][type])
      expect(JSON.stringify(status)).toBe(before)
    },
  )

  test('each state holds the facts of the event that led to it', () => {
    expect(nextStatus(statuses.connecting, events.progress)).toEqual({ name: 'catching-up', progress })
    expect(nextStatus(statuses.connecting, events.end)).toEqual({ name: 'ended', reason: 'stream-closed' })
    expect(nextStatus(statuses.live, events.fail)).toEqual({ name: 'failed', error: later })
    expect(nextStatus(statuses.live, events.refuse)).toEqual({ name: 'needs-auth', nextTry: 9, error: later })
    expect(nextStatus(statuses.live, events.break)).toEqual({
      name: 'reconnecting',
      attempt: 3,
      since: 7,
      nextTry: 9,
      error: later,
    })
  })

  test('a lost connection keeps the time at which it was lost', () => {
    const since = nextStatus(statuses.reconnecting, events.break)
    expect(since).toEqual({ name: 'reconnecting', attempt: 3, since: 1, nextTry: 9, error: later })
  })

  test('[F-real-4] [F-real-8] live says how it hears of more, and since when a snapshot is open', () => {
    const polling = nextStatus(statuses.live, { type: 'change', mode: 'polling' })
    expect(polling).toEqual({ name: 'live', mode: 'polling' })
    expect(nextStatus(polling, { type: 'up-to-date', mode: 'polling' })).toBe(polling)
    expect(nextStatus(polling, { type: 'change', mode: 'sse' })).toEqual({ name: 'live' })
    const inside = nextStatus(polling, { type: 'change', mode: 'polling', snapshotSince: 5 })
    expect(inside).toEqual({ name: 'live', mode: 'polling', snapshotSince: 5 })
    expect(nextStatus(inside, { type: 'up-to-date' })).toEqual({ name: 'live' })
    expect(nextStatus(statuses.reconnecting, { type: 'up-to-date', mode: 'polling' })).toEqual(polling)
  })
})
