import { UsageError } from './usage-error.mjs'

/**
 * Runs a program until it is stopped: by Ctrl-C, by SIGTERM, or because the process that started it has ended.
 *
 * An error that the program throws before that is printed, and sets the exit code.
 * @param {(signal: AbortSignal) => Promise<void>} program
 */
export async function runUntilStopped(program) {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(name, () => stop.abort())
  try {
    await program(stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) {
      process.stderr.write(`${error instanceof UsageError ? error.message : String(error)}\n`)
      process.exitCode = 1
    }
  }
  // Everything appended is on the disk. Timers of the stream server may still be pending.
  process.exit()
}
