import { StreamDBError } from '@streamdb/log'
import { CommanderError } from 'commander'
import pc from 'picocolors'
import { CliError, Interrupted } from './cli-error.ts'
import { exitCodes } from './exit-codes.ts'
import { remedies } from './remedies.ts'
import { hasColors, printable } from './terminal.ts'

/** An error as it is shown. */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly remedy?: string | undefined
  readonly details?: readonly string[] | undefined
  readonly exitCode: number
}

/** Codes that are the command line's fault. */
const unusable: readonly string[] = ['invalid-options', 'offset-invalid', 'offset-beyond-end']

/** Returns what to say of an error, and how the process ends. */
export function describeError(error: unknown): ErrorReport {
  if (error instanceof Interrupted)
    return { code: 'interrupted', message: error.message, exitCode: error.exitCode }
  if (error instanceof CliError) {
    const { code, message, remedy, details, exitCode } = error
    return { code, message, remedy, details, exitCode }
  }
  if (error instanceof StreamDBError) {
    const { code, message } = error
    const exitCode = unusable.includes(code) ? exitCodes.usage : exitCodes.failed
    return { code, message, remedy: remedies[code], exitCode }
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '').replace(/\n/g, ' ')
    // A program without a command shows its help, which says it all.
    if (error.code === 'commander.help') return { code: 'usage', message: '', exitCode: exitCodes.usage }
    return { code: 'usage', message, remedy: 'Run the command with --help', exitCode: exitCodes.usage }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const remedy = 'This is a mistake in streamdb: please report it with these lines'
  return { code: 'internal', message, remedy, exitCode: exitCodes.failed }
}

/** Writes an error to the standard error: for people, or as JSON in one line. Returns the exit code. */
export function reportError(error: unknown, json: boolean): number {
  const { exitCode, ...report } = describeError(error)
  const colors = pc.createColors(hasColors(process.stderr))
  if (json) process.stderr.write(`${JSON.stringify({ error: report })}\n`)
  else if (report.code === 'interrupted') process.stderr.write(`${colors.dim(report.message)}\n`)
  else if (report.message !== '') {
    const lines = [
      `${colors.red('error')} ${colors.dim(`[${report.code}]`)} ${withoutEscapes(report.message)}`,
      ...(report.details ?? []).map((detail) => `  ${withoutEscapes(detail)}`),
      ...(report.remedy === undefined ? [] : [`${colors.cyan('what to do')} ${report.remedy}.`]),
    ]
    process.stderr.write(`${lines.join('\n')}\n`)
  }
  return exitCode
}

/** Messages repeat what servers and logs say. */
function withoutEscapes(text: string): string {
  return text.split('\n').map(printable).join('\n')
}
