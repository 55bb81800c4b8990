import { afterAll, expect, test } from 'vitest'
import { fuzz } from '../fuzz/fuzz.ts'
import { startUnderAttack } from '../fuzz/under-attack.ts'

const target = await startUnderAttack()
afterAll(() => target.stop())

test('[HO8] nothing gets in that the policy refuses, nothing crashes, and honest writes are stored', async () => {
  const { faults, stored, statuses } = await fuzz(target, 1031, ({ rounds }) => rounds < 8)
  expect(faults).toEqual([])
  // It is attacked with what gets in, too.
  expect(stored).toBeGreaterThan(50)
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 204, 400, 401, 403, 404, 413, 415, 422]))
})
