import type { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { processTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** What the process is asked to do, and how it ended. */
export interface Session {
  readonly signal: AbortSignal
  exitCode: number
}

/** One command of the program. */
export type AddCommand = (program: Command, session: Session) => void

/** Adds `--json`, and runs `run` as the action of a command; what it returns is the exit code, 0 where nothing. */
export function runAs(
  command: Command,
  session: Session,
  run: (terminal: Terminal, ...args: never[]) => Promise<number | void>,
): void {
  command.option('--json', 'the result as JSON, for programs')
  command.action(async (...args: unknown[]) => {
    const json = command.optsWithGlobals()['json'] === true
    const terminal = processTerminal({ json, signal: session.signal })
    // commander gives the arguments and then the options, as the command declared them.
    session.exitCode = (await run(terminal, ...(args as never[]))) ?? exitCodes.ok
  })
}

/** Formats the examples that the help of a command ends with: pairs of a comment and a command line. */
export function examples(...lines: readonly (readonly [command: string, what: string])[]): string {
  return `\nExamples:\n${lines.map(([command, what]) => `  # ${what}\n  $ ${command}`).join('\n\n')}\n`
}
