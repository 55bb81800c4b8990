import { useConnectionLost } from '../src/index.ts'
import type { ConnectionSource, Status, Write } from '../src/index.ts'
import { act, cleanup, render, screen } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openWatchedRoom } from '@streamdb/testkit/rooms'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

/** A database as far as this hook sees it. */
class ScriptedStatus implements ConnectionSource {
  status: Status = { name: 'live' }
  pendingWrites: readonly Write[] = []
  readonly #writeListeners = new Set<() => void>()
  readonly #listeners = new Set<(status: Status) => void>()

  readonly subscribeStatus = (listener: (status: Status) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly subscribeWrites = (listener: () => void): (() => void) => {
    this.#writeListeners.add(listener)
    return () => this.#writeListeners.delete(listener)
  }

  write(writes: readonly object[]): void {
    this.pendingWrites = writes as readonly Write[] // nothing else of them is read here
    act(() => this.#writeListeners.forEach((listener) => listener()))
  }

  become(status: Status): void {
    this.status = status
    act(() => this.#listeners.forEach((listener) => listener(status)))
  }

  lose(attempt: number, since: number): void {
    const error = new Error('unreachable') as never // nothing here reads it
    this.become({ name: 'reconnecting', attempt, since, nextTry: Date.now() + 100, error })
  }
}

function follow(delay?: number): { db: ScriptedStatus; seen: boolean[]; shown: () => string | null } {
  const db = new ScriptedStatus()
  const seen: boolean[] = []
  function Banner(): ReactElement {
    const lost = useConnectionLost(delay, db)
    seen.push(lost)
    return <p role="status">{lost ? 'lost' : 'fine'}</p>
  }
  render(<Banner />)
  return { db, seen, shown: () => screen.getByRole('status').textContent }
}

const pass = (ms: number): void => act(() => void vi.advanceTimersByTime(ms))

describe('useConnectionLost', () => {
  test('a loss of less than a second shows no banner', () => {
    const { db, seen } = follow()
    db.lose(1, Date.now())
    pass(999)
    db.become({ name: 'live' })
    pass(5_000)
    expect(seen).not.toContain(true)
  })

  test('is true after a second, however many attempts fail meanwhile, and false at once on return', () => {
    const { db, shown } = follow()
    const since = Date.now()
    db.lose(1, since)
    pass(400)
    db.lose(2, since)
    pass(599)
    expect(shown()).toBe('fine')
    pass(1)
    expect(shown()).toBe('lost')
    db.lose(3, since)
    expect(shown()).toBe('lost')
    db.become({ name: 'live' })
    expect(shown()).toBe('fine')
  })

  test('a second loss starts a new second', () => {
    const { db, shown } = follow(2_000)
    db.lose(1, Date.now())
    pass(2_000)
    expect(shown()).toBe('lost')
    db.become({ name: 'live' })
    pass(10)
    db.lose(1, Date.now())
    expect(shown()).toBe('fine')
    pass(1_999)
    expect(shown()).toBe('fine')
    pass(1)
    expect(shown()).toBe('lost')
  })

  test('counts from the loss when mounted later', () => {
    const { db, shown } = follow()
    db.lose(1, Date.now() - 700)
    pass(299)
    expect(shown()).toBe('fine')
    pass(1)
    expect(shown()).toBe('lost')
  })

  test('[F-real-34] is true while the browser is offline, though the status does not say so yet', () => {
    const online = vi.spyOn(navigator, 'onLine', 'get')
    const { shown } = follow()
    const turn = (name: 'online' | 'offline'): void => {
      online.mockReturnValue(name === 'online')
      act(() => void window.dispatchEvent(new Event(name)))
    }
    turn('offline')
    pass(999)
    expect(shown()).toBe('fine')
    pass(1)
    expect(shown()).toBe('lost')
    turn('online')
    expect(shown()).toBe('fine')
    online.mockRestore()
  })

  test('[F-real-34] is true while a write fails to reach the server, and false when it is through', () => {
    const { db, shown } = follow()
    db.write([{ lastError: undefined }])
    pass(5_000)
    expect(shown()).toBe('fine')
    db.write([{ lastError: new Error('unreachable') }])
    pass(1_000)
    expect(shown()).toBe('lost')
    db.write([{ lastError: new Error('unreachable again') }])
    expect(shown()).toBe('lost')
    db.write([])
    expect(shown()).toBe('fine')
  })

  test('[F-real-34] one trouble after the other is one loss', () => {
    const { db, shown } = follow()
    db.write([{ lastError: new Error('unreachable') }])
    pass(600)
    db.lose(1, Date.now() - 600)
    db.write([])
    pass(400)
    expect(shown()).toBe('lost')
    db.become({ name: 'live' })
    expect(shown()).toBe('fine')
  })

  test('follows a real database', async () => {
    vi.useRealTimers()
    const { db, cut } = await openWatchedRoom()
    function Banner(): ReactElement {
      return <p role="status">{useConnectionLost(50, db) ? 'lost' : 'fine'}</p>
    }
    await db.preload()
    render(<Banner />)
    cut(true)
    await vi.waitFor(() => expect(screen.getByRole('status').textContent).toBe('lost'))
    cut(false)
    await act(async () => db.retry())
    await vi.waitFor(() => expect(screen.getByRole('status').textContent).toBe('fine'))
  })
})
