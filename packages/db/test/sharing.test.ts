import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { acquire, idleTimeout, markRead, maxIdle, renewLease, resumeWhenIdle } from '../src/index.ts'
import type { SharableDatabase, Status } from '../src/index.ts'

/** A database as far as sharing sees it: what a real one cannot be held in for a test is its status. */
class FakeDatabase implements SharableDatabase {
  status: Status = { name: 'idle' }
  offset = '-1'
  pendingWrites: readonly unknown[] = []
  collections = { rows: { subscriberCount: 0 } }
  preloads = 0

  async preload(): Promise<void> {
    this.preloads++
    this.status = { name: 'connecting' }
  }

  load(): void {
    this.status = { name: 'live' }
    this.offset = '5'
  }

  close(): void {
    this.status = { name: 'closed' }
  }

  get isClosed(): boolean {
    return this.status.name === 'closed'
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  // Closes what a test has left open.
  vi.advanceTimersByTime(20 * 60_000)
  vi.useRealTimers()
})

let keys = 0

/** Opens databases under keys of their own. */
function share(key: readonly unknown[] = [keys++]) {
  const shared = acquire(key, () => new FakeDatabase())
  return { key, shared, db: shared.db, again: () => acquire(key, () => new FakeDatabase()).db }
}

const pass = (ms: number): void => void vi.advanceTimersByTime(ms)

describe('[F-life-4] a shared database', () => {
  test('is the same for equal keys, and another one for others', () => {
    const definition = {}
    const { db, again } = share([definition, 'url', 1])
    expect(again()).toBe(db)
    for (const key of [
      [definition, 'url'],
      [definition, 'url', 2],
      [{}, 'url', 1],
      [definition, 'url', 1, 2],
    ]) {
      expect(share(key).db).not.toBe(db)
    }
  })

  test('reads when it is retained, and is closed a while after the last release', () => {
    const { db, shared } = share()
    expect(db.preloads).toBe(0)
    const first = shared.retain()
    const second = shared.retain()
    expect(db.preloads).toBeGreaterThan(0)
    db.load()
    first()
    first()
    pass(10 * idleTimeout)
    expect(db.isClosed).toBe(false)
    second()
    pass(idleTimeout - 1)
    expect(db.isClosed).toBe(false)
    pass(1)
    expect(db.isClosed).toBe(true)
  })

  test('is kept when it is retained again in time; one that was closed is replaced', () => {
    const { db, shared, again } = share()
    shared.retain()()
    pass(idleTimeout - 1)
    const release = shared.retain()
    pass(2 * idleTimeout)
    expect(again()).toBe(db)
    release()
    db.close()
    expect(again()).not.toBe(db)
  })

  test('stays open while writes are under way', () => {
    const { db, shared } = share()
    const release = shared.retain()
    db.load()
    db.pendingWrites = [{}]
    release()
    pass(10 * idleTimeout)
    expect(db.isClosed).toBe(false)
    db.pendingWrites = []
    pass(idleTimeout)
    expect(db.isClosed).toBe(true)
  })
})

describe('[F-real-22] databases that nobody retains', () => {
  test('are closed in the order of their last use when others are opened', () => {
    const all = Array.from({ length: maxIdle + 2 }, () => share())
    for (const { shared, db } of all) {
      shared.retain()()
      db.load()
    }
    // The one that was created first is used last.
    const [first] = all
    first?.shared.retain()()
    share()
    pass(0)
    expect(all.map(({ db }) => db.isClosed)).toEqual([false, true, true, false])
  })

  test('one that was never read, by a render that was abandoned, is closed after the timeout', () => {
    const { db } = share()
    pass(idleTimeout)
    expect(db.isClosed).toBe(true)
    expect(db.preloads).toBe(0)
  })

  test('stays open while its first load is awaited, and for a bounded time', () => {
    const { db } = share()
    void db.preload()
    pass(4 * idleTimeout)
    expect(db.isClosed).toBe(false)
    pass(60_000)
    expect(db.isClosed).toBe(true)
  })

  test('stays open where its render was suspended for another reason after the rows were shown', () => {
    const { db } = share()
    void db.preload()
    db.load()
    markRead(db)
    pass(4 * idleTimeout)
    expect(db.isClosed).toBe(false)
    pass(60_000)
    expect(db.isClosed).toBe(true)
  })
})

describe('[F-real-76] a render that waits for a database', () => {
  test('keeps it for as long as it is run again', async () => {
    const { db, again } = share()
    void db.preload()
    for (let round = 0; round < 50; round++) {
      let isDue = false
      void renewLease(db)?.then(() => (isDue = true))
      await vi.advanceTimersByTimeAsync(2_000)
      expect(isDue).toBe(true)
      expect(again()).toBe(db)
    }
  })

  test('loses it soon after it was abandoned', () => {
    const { db } = share()
    void db.preload()
    void renewLease(db)
    pass(2 * idleTimeout)
    expect(db.isClosed).toBe(true)
  })

  test('has nothing to renew once the database is retained, or where it is not shared', () => {
    const { db, shared } = share()
    const release = shared.retain()
    expect(renewLease(db)).toBeUndefined()
    expect(renewLease(new FakeDatabase())).toBeUndefined()
    release()
  })

  test('forty of them that were abandoned for unknown reasons leave a few open, and then none', () => {
    const all = Array.from({ length: 40 }, () => share().db)
    for (const db of all) void db.preload()
    pass(2 * idleTimeout)
    expect(all.filter(({ isClosed }) => !isClosed).length).toBeLessThanOrEqual(6)
    pass(60_000)
    expect(all.every(({ isClosed }) => isClosed)).toBe(true)
  })
})

describe('resumeWhenIdle', () => {
  test('starts a database at once', () => {
    const db = new FakeDatabase()
    resumeWhenIdle(db)
    expect(db.preloads).toBe(1)
  })

  test('starts a hydrated database when the page is idle', () => {
    const db = new FakeDatabase()
    db.offset = '5'
    resumeWhenIdle(db)
    expect(db.preloads).toBe(0)
    pass(200)
    expect(db.preloads).toBe(1)
  })
})
