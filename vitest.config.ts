import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import projects from './vitest.workspace.ts'

export default defineConfig({
  test: {
    projects,
    reporters: ['default', './scripts/vitest-counts.mjs'],
    // By itself Vitest leaves a core free, which is half of a machine of two. Many tests wait for timers and servers, so one
    // more than there are cores.
    maxWorkers: availableParallelism() + 1,
  },
})
