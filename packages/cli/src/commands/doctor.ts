import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { CliError } from '../cli-error.ts'
import { checkCopies } from '../doctor/check-copies.ts'
import type { Diagnosis } from '../doctor/diagnosis.ts'
import { examine } from '../doctor/examine.ts'
import { exitCodes } from '../exit-codes.ts'
import { locate, wholeNumber, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { count, printable } from '../terminal.ts'
import type { Colors, Terminal } from '../terminal.ts'

interface DoctorOptions extends CommonOptions {
  readonly project: string
  readonly origin: string
  readonly timeout: number
  readonly probe?: boolean | undefined
}

/** Adds `streamdb doctor`. */
export const addDoctor: AddCommand = (program, session) => {
  const command = program
    .command('doctor')
    .summary('find what is wrong with a project, or with the way to a stream')
    .description(
      'Looks into a project (two copies of TanStack DB) and at a stream (whether it answers, its content type, CORS headers, live\n' +
        'events that a proxy holds back, the clock, HTTP/1.1, its lifetime), and says how to mend what is wrong. The exit code is 1\n' +
        'where there is a fault. Nothing is written, unless --probe is given.',
    )
    .argument('[stream]', 'its URL, or a path on --server; without it, the project alone')
    .option('--project <folder>', 'the application to look into', '.')
    .option(
      '--origin <url>',
      'where the pages come from that read the stream',
      toOrigin,
      'http://localhost:5173',
    )
    .option('--timeout <seconds>', 'how long an answer may take', wholeNumber(1), 5)
    .option(
      '--probe',
      'make streams beside it for some seconds, to see what the server can do, and whether reading renews a lifetime',
    )
    .addHelpText(
      'after',
      examples(
        ['streamdb doctor', 'The application in this folder'],
        [
          'streamdb doctor https://streams.example.com/rooms/1 --origin https://app.example.com',
          'As its pages see it',
        ],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, doctor)
}

async function doctor(
  terminal: Terminal,
  stream: string | undefined,
  options: DoctorOptions,
): Promise<number> {
  const { origin, timeout, probe: mayProbe = false } = options
  const project = resolve(options.project)
  if (!existsSync(project)) throw new CliError('usage', `The folder ${project} does not exist`)
  const found: Diagnosis[] = []
  const add = async (diagnosis: Diagnosis): Promise<void> => {
    found.push(diagnosis)
    if (!terminal.json) await terminal.print(format(diagnosis, terminal.colors))
  }
  await add(checkCopies(project))
  if (stream !== undefined) {
    const location = locate(stream, options)
    const patient = { location, origin, timeout: timeout * 1_000, mayProbe, signal: terminal.signal }
    for await (const diagnosis of examine(patient)) await add(diagnosis)
  }
  const faults = found.filter(({ verdict }) => verdict === 'fault').length
  if (terminal.json) await terminal.print(JSON.stringify({ checks: found, faults }))
  else {
    const { green, red } = terminal.colors
    await terminal.print(faults === 0 ? green('no fault') : red(count(faults, 'fault')))
  }
  return faults === 0 ? exitCodes.ok : exitCodes.failed
}

function toOrigin(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text).origin
  throw new InvalidArgumentError('Expected an origin such as https://app.example.com.')
}

function format({ check, verdict, message, remedy }: Diagnosis, colors: Colors): string {
  const signs = {
    ok: colors.green('ok     '),
    warning: colors.yellow('warning'),
    fault: colors.red('fault  '),
    skipped: colors.dim('skipped'),
  }
  const line = `${signs[verdict]} ${colors.bold(check)}: ${printable(message)}`
  return remedy === undefined ? line : `${line}\n        ${colors.cyan('what to do')} ${remedy}.`
}
