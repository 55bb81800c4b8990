#!/usr/bin/env node
import { CommanderError } from 'commander'
import { Interrupted } from './cli-error.ts'
import { exitCodes } from './exit-codes.ts'
import { createProgram } from './program.ts'
import { reportError } from './report-error.ts'
import type { Session } from './run-command.ts'

const controller = new AbortController()
const session: Session = { signal: controller.signal, exitCode: exitCodes.ok }

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    const reason = new Interrupted(signal)
    // A second signal ends the process without cleaning up.
    if (controller.signal.aborted) process.exit(reason.exitCode)
    controller.abort(reason)
  })
}

// `streamdb tail ... | head`: who read has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok)
  throw error
})

try {
  await createProgram(session).parseAsync()
  process.exitCode = session.exitCode
} catch (error) {
  // Help and version are no errors.
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = exitCodes.ok
  else process.exitCode = reportError(error, process.argv.includes('--json'))
}
