import { expect, test, vi } from 'vitest'
import { eventually } from '../src/index.ts'

test('returns what the assertion returns once it stops throwing', async () => {
  let tries = 0
  const value = await eventually(() => {
    if (++tries < 3) throw new Error('not yet')
    return tries
  })
  expect(value).toBe(3)
})

test('rejects with the last error at the timeout', async () => {
  let tries = 0
  const waiting = eventually(
    () => {
      throw new Error(`try ${++tries}`)
    },
    { timeout: 20 },
  )
  await expect(waiting).rejects.toThrow(/^try \d+$/)
  expect(tries).toBeGreaterThan(1)
})

test('goes on while the clock of the test is a fake one', async () => {
  vi.useFakeTimers()
  try {
    let tries = 0
    await eventually(() => expect(++tries).toBeGreaterThan(5))
  } finally {
    vi.useRealTimers()
  }
})

test('stops when its signal does', async () => {
  const waiting = eventually(() => expect(1).toBe(2), { signal: AbortSignal.timeout(10) })
  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
})
