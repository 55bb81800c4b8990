import { Refusal } from './refusal.mjs'

/**
 * Runs a program until it is told to stop: by Ctrl-C, or because the program that started it is gone.
 *
 * What it throws before that is printed, a `Refusal` as it is, and the exit code says so.
 * @param {(signal: AbortSignal) => Promise<void>} program
 */
export async function runUntilStopped(program) {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(name, () => stop.abort())
  try {
    await program(stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) {
      process.stderr.write(`${error instanceof Refusal ? error.message : String(error)}\n`)
      process.exitCode = 1
    }
  }
  // What is appended is on the disk. The stream server's last timers need not run out.
  process.exit()
}
