import { Command } from 'commander'
import { addAppend } from './commands/append.ts'
import { addCheck } from './commands/check.ts'
import { addCompact } from './commands/compact.ts'
import { addCreate } from './commands/create.ts'
import { addCopy } from './commands/copy.ts'
import { addDev } from './commands/dev.ts'
import { addDiff } from './commands/diff.ts'
import { addDoctor } from './commands/doctor.ts'
import { addInspect } from './commands/inspect.ts'
import { addState } from './commands/state.ts'
import { addTail } from './commands/tail.ts'
import { addTypegen } from './commands/typegen.ts'
import { examples } from './run-command.ts'
import type { AddCommand, Session } from './run-command.ts'
import { version } from './version.ts'

const commands: readonly AddCommand[] = [
  addDev,
  addCreate,
  addAppend,
  addTail,
  addState,
  addDiff,
  addCheck,
  addCompact,
  addCopy,
  addTypegen,
  addDoctor,
  addInspect,
]

/** Returns the command line: every command with its options and its help. Throws for what it does not understand. */
export function createProgram(session: Session): Command {
  const program = new Command('streamdb')
    .description('Run, write, read, compare, check, compact and copy streams of typed state.')
    .version(version, '-v, --version', 'the version of this program')
    .helpOption('-h, --help', 'this help; `streamdb COMMAND --help` for one command, with examples')
    .option('--json', 'results and errors as JSON, for programs')
    .option('--no-color', 'no colours (as NO_COLOR=1 does)')
    .option('--color', 'colours even without a terminal (as FORCE_COLOR=1 does)')
    .addHelpText(
      'after',
      examples(
        ['streamdb dev', 'Start a stream server here, with what it stores in ./.streamdb'],
        ['streamdb create rooms/1', 'Make a stream on it'],
        [
          `streamdb append rooms/1 '{"type":"user","key":"1","value":{"name":"Ada"},"headers":{"operation":"insert"}}'`,
          'Write an event',
        ],
        ['streamdb tail rooms/1', 'Watch the events as they come'],
        ['streamdb state rooms/1', 'Show the rows'],
      ) +
        '\nA stream is a URL, or a path on --server (default http://127.0.0.1:4437, where `streamdb dev` listens).\n' +
        '\nExit codes: 0 done; 1 failed, or a fault was found; 2 the command line or its input cannot be used;\n' +
        '130 stopped by Ctrl-C; 143 stopped by SIGTERM.\n',
    )
  // What it says is written by main.ts, as text or JSON. Commands inherit both.
  program.exitOverride().configureOutput({ outputError: () => undefined })
  for (const add of commands) add(program, session)
  return program
}
