import type { HistoryPoint } from '@streamdb/log'
import { exitCodes } from '../exit-codes.ts'
import { list, locate, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { parseTime } from '../parse-time.ts'
import { CliError } from '../cli-error.ts'
import { startReadProgress } from '../read-progress.ts'
import { readPastRows, readRows } from '../read-rows.ts'
import type { Rows, Standing } from '../read-rows.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { selectRows } from '../select-rows.ts'
import { count, inline, printable } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'

interface StateOptions extends CommonOptions {
  readonly type?: readonly string[] | undefined
  readonly key?: readonly string[] | undefined
  readonly offset?: string | undefined
  readonly at?: number | undefined
}

/** Adds `streamdb state`. */
export const addState: AddCommand = (program, session) => {
  const command = program
    .command('state')
    .summary('show the rows')
    .description('Shows the rows that the events of a stream come to: now, at an offset, or at a time.')
    .argument('<stream>', 'its URL, or a path on --server')
    .option('--type <types>', 'only rows of these types; again, or with commas, for more', list)
    .option('--key <keys>', 'only rows of these keys; where there is none, the exit code is 1', list)
    .option('--offset <offset>', 'as they stood at an offset, as `tail` shows it')
    .option(
      '--at <time>',
      'as they stood at a time, or so long ago: 15m, 2h (by the timestamps of the events)',
      (text) => parseTime(text),
    )
    .addHelpText(
      'after',
      examples(
        ['streamdb state rooms/1', 'All rows'],
        ['streamdb state rooms/1 --type user --key 1', 'One row'],
        ['streamdb state rooms/1 --at 15m --json', 'As JSON, as they stood a quarter of an hour ago'],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, showState)
}

async function showState(terminal: Terminal, stream: string, options: StateOptions): Promise<number> {
  const location = locate(stream, options)
  const progress = await startReadProgress(terminal, location)
  const point = pointOf(options)
  let standing: Standing
  try {
    standing = await (point === undefined
      ? readRows(location, terminal, progress)
      : readPastRows(location, point, terminal, progress))
  } finally {
    progress.stop()
  }
  const rows = selectRows(standing.rows, options)
  if (terminal.json) await terminal.print(JSON.stringify(toJson(standing, rows)))
  else await printRows(terminal, standing, rows)
  return options.key !== undefined && rows.size === 0 ? exitCodes.failed : exitCodes.ok
}

function pointOf({ offset, at }: StateOptions): HistoryPoint | undefined {
  if (offset !== undefined && at !== undefined) {
    throw new CliError('usage', 'Expected --offset or --at but received both')
  }
  return offset ?? (at === undefined ? undefined : { time: at })
}

function toJson({ offset, invalid }: Standing, rows: Rows): object {
  const byType = [...rows].map(([type, ofType]) => [type, Object.fromEntries(ofType)] as const)
  return { offset, invalid, rows: Object.fromEntries(byType) }
}

async function printRows(terminal: Terminal, standing: Standing, rows: Rows): Promise<void> {
  const { bold, dim, yellow } = terminal.colors
  for (const [type, ofType] of rows) {
    await terminal.print(`${bold(printable(type))} ${dim(count(ofType.size, 'row'))}`)
    for (const [key, row] of ofType) await terminal.print(`  ${printable(key)}  ${inline(row)}`)
  }
  if (rows.size === 0) await terminal.print('no rows')
  const { offset, invalid } = standing
  await terminal.print(dim(`at ${offset}`))
  if (invalid > 0)
    await terminal.print(yellow(`${count(invalid, 'item')} skipped as invalid: streamdb check shows them`))
}
