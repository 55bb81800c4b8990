import { spawn } from 'node:child_process'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

/**
 * Runs a command with the server's address in `STREAMDB_SERVER`, on this terminal. Resolves with how it ended; when `signal`
 * aborts, the program gets a signal and is awaited.
 */
export function runBeside(command: readonly string[], server: string, signal: AbortSignal): Promise<number> {
  const [name = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, {
      stdio: 'inherit',
      env: { ...process.env, STREAMDB_SERVER: server },
      // The programs of npm are scripts there.
      shell: process.platform === 'win32',
    })
    const onAbort = (): void => void child.kill('SIGTERM')
    signal.addEventListener('abort', onAbort)
    child.on('error', (cause) => {
      reject(new CliError('usage', `The command "${name}" cannot be run: ${cause.message}`, { cause }))
    })
    child.on('exit', (code) => {
      signal.removeEventListener('abort', onAbort)
      resolve(signal.aborted ? exitCodes.ok : (code ?? exitCodes.failed))
    })
  })
}
