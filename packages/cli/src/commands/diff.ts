import type { HistoryPoint } from '@streamdb/log'
import { withFields } from '../diff-rows.ts'
import type { FieldChange, RowChange } from '../diff-rows.ts'
import { createRowFilter } from '../event-filter.ts'
import { exitCodes } from '../exit-codes.ts'
import { list, locate, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { parsePoint } from '../point.ts'
import { startReadProgress } from '../read-progress.ts'
import { openPast } from '../read-rows.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { inline, printable } from '../terminal.ts'
import type { Colors, Terminal } from '../terminal.ts'

interface DiffOptions extends CommonOptions {
  readonly type?: readonly string[] | undefined
  readonly key?: readonly string[] | undefined
  readonly exitCode?: boolean | undefined
}

/** Adds `streamdb diff`. */
export const addDiff: AddCommand = (program, session) => {
  const command = program
    .command('diff')
    .summary('show which rows and fields differ between two points')
    .description('Shows which rows differ between two points of a stream, and which of their fields.')
    .argument('<stream>', 'its URL, or a path on --server')
    .argument(
      '<from>',
      'an offset, as `tail` shows it; "start"; or a time, as `state --at` takes it',
      parsePoint,
    )
    .argument('[to]', 'the same; "end" unless told', parsePoint)
    .option('--type <types>', 'only rows of these types; again, or with commas, for more', list)
    .option('--key <keys>', 'only rows of these keys', list)
    .option('--exit-code', 'end with 1 where something differs')
    .addHelpText(
      'after',
      examples(
        ['streamdb diff rooms/1 1h', 'What changed within the last hour'],
        [
          'streamdb diff rooms/1 0000000000000000_0000000000000151 end --type user',
          'Since an offset, users only',
        ],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, diff)
}

async function diff(
  terminal: Terminal,
  stream: string,
  from: HistoryPoint,
  to: HistoryPoint = 'end',
  options: DiffOptions,
): Promise<number> {
  const location = locate(stream, options)
  const progress = await startReadProgress(terminal, location)
  const history = openPast(location, terminal, progress)
  const { signal } = terminal
  // A point that a name or a time stands for.
  const offsetAt = async (point: HistoryPoint): Promise<string> =>
    (point === 'end' ? await history.end({ signal }) : await history.at(point, { signal })).offset
  try {
    const before = await offsetAt(from)
    const after = await offsetAt(to)
    const matches = createRowFilter(options)
    const differences = await history.diff(before, after, { signal })
    const changes = differences.filter(matches).map(withFields)
    progress.stop()
    if (terminal.json) await terminal.print(JSON.stringify({ from: before, to: after, changes }))
    else {
      for (const change of changes)
        for (const line of format(change, terminal.colors)) await terminal.print(line)
      if (changes.length === 0) await terminal.print(`no row differs between ${before} and ${after}`)
    }
    return options.exitCode === true && changes.length > 0 ? exitCodes.failed : exitCodes.ok
  } finally {
    progress.stop()
    history.close()
  }
}

function format({ type, key, change, before, after, fields = [] }: RowChange, colors: Colors): string[] {
  const name = `${printable(type)} ${printable(key)}`
  switch (change) {
    case 'inserted':
      return [colors.green(`+ ${name}  ${inline(after)}`)]
    case 'deleted':
      return [colors.red(`- ${name}  ${inline(before)}`)]
    case 'updated':
      return [colors.yellow(`~ ${name}`), ...fields.map((field) => `    ${formatField(field, colors)}`)]
  }
}

function formatField(field: FieldChange, { red, green, dim }: Colors): string {
  const path = field.path.length === 0 ? 'value' : field.path.map(printable).join('.')
  const before = Object.hasOwn(field, 'before') ? red(inline(field.before)) : dim('absent')
  const after = Object.hasOwn(field, 'after') ? green(inline(field.after)) : dim('absent')
  return `${path}: ${before} -> ${after}`
}
