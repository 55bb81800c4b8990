import { afterAll } from 'vitest'

/** The rejections that nobody handled, of the whole test file. */
export function unhandledRejections(): unknown[] {
  const unhandled: unknown[] = []
  const listener = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', listener)
  // Called at the top of a file, so it is the last of the file's hooks to run.
  afterAll(() => void process.off('unhandledRejection', listener))
  return unhandled
}
