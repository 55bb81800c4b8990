import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../workspace.mjs'

// What a few seconds show: the embedded Node server is killed under all clients, and every rule holds that is not about times.
test('[CH1] [CH2] [CH3] [CH5] a few seconds of chaos on the Node server', () => {
  const program = join(root, 'scripts/chaos.mjs')
  const run = spawnSync(process.execPath, [program, '0.09', '7', '--engine', 'node', '--untimed'], {
    encoding: 'utf8',
  })
  expect(`${run.stdout}${run.stderr}`).toMatch(/kill-leader: node/)
  expect(`${run.stdout}${run.stderr}`).not.toMatch(/^NOT /m)
  expect(run.status).toBe(0)
})
