import { afterAll, vi } from 'vitest'

// Test files of one project share a process and its modules (`isolate: false` in vitest.workspace.ts). What a file has
// replaced in it is put back at the file's end, whether or not the file does so itself.
afterAll(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
