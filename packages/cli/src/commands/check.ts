import { exitCodes } from '../exit-codes.ts'
import { LogChecker } from '../log-checker.ts'
import type { Finding } from '../log-checker.ts'
import { locate, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { readLog } from '../read-log.ts'
import { startReadProgress } from '../read-progress.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { loadSchema } from '../schema-module.ts'
import { count, printable } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'

interface CheckOptions extends CommonOptions {
  readonly schema?: string | undefined
}

/** Adds `streamdb check`. */
export const addCheck: AddCommand = (program, session) => {
  const command = program
    .command('check')
    .summary('hold a whole stream to the protocol, and to a schema')
    .description(
      'Reads a whole stream and says which items readers would skip, with their offsets; with --schema also those whose\n' +
        'values it refuses. The exit code is 1 where there is a fault. Warnings stop no reader.',
    )
    .argument('<stream>', 'its URL, or a path on --server')
    .option('--schema <module>', 'a module that exports what createStateSchema returns, such as ./state.ts')
    .addHelpText(
      'after',
      examples(
        ['streamdb check rooms/1', 'Against the protocol'],
        ['streamdb check rooms/1 --schema ./src/state.ts', 'Against the schema of an application, too'],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, check)
}

async function check(terminal: Terminal, stream: string, options: CheckOptions): Promise<number> {
  const location = locate(stream, options)
  const checker = new LogChecker(options.schema === undefined ? undefined : await loadSchema(options.schema))
  const progress = await startReadProgress(terminal, location)
  const findings: Finding[] = []
  let offset = ''
  try {
    for await (const read of readLog(location, { terminal })) {
      switch (read.type) {
        case 'event':
          findings.push(...checker.checkEvent(read.event))
          if (checker.items % 500 === 0) progress.update(offset, checker.items)
          break
        case 'invalid':
          findings.push(...checker.checkInvalid(read.issue))
          break
        case 'checkpoint':
          offset = read.checkpoint.offset
          checker.reach(offset)
          progress.update(offset, checker.items)
          break
        case 'restart':
          terminal.note(`the stream begins anew (${read.why})`)
      }
    }
  } finally {
    progress.stop()
  }
  findings.push(...checker.end())
  const faults = findings.filter(({ level }) => level === 'fault')
  const warnings = findings.filter(({ level }) => level === 'warning')
  if (terminal.json) {
    await terminal.print(
      JSON.stringify({ url: location.url, items: checker.items, offset, faults, warnings }),
    )
  } else {
    for (const finding of findings) await terminal.print(format(finding, terminal))
    const { green, red } = terminal.colors
    const verdict = faults.length === 0 ? green('no fault') : red(count(faults.length, 'fault'))
    const more = warnings.length === 0 ? '' : ` and ${count(warnings.length, 'warning')}`
    await terminal.print(`${verdict}${more} in ${count(checker.items, 'item')}`)
  }
  return faults.length === 0 ? exitCodes.ok : exitCodes.failed
}

function format({ level, item, offset, from, code, message }: Finding, { colors }: Terminal): string {
  const where = offset === undefined ? `behind ${printable(from)}` : `offset ${printable(offset)}`
  const sign = level === 'fault' ? colors.red('fault') : colors.yellow('warning')
  return `${sign} ${colors.dim(`[${code}] item ${item}, ${where}:`)} ${printable(message)}`
}
