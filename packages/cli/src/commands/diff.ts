import { isBefore, start } from '@streamdb/log'
import { diffRows } from '../diff-rows.ts'
import type { FieldChange, RowChange } from '../diff-rows.ts'
import { exitCodes } from '../exit-codes.ts'
import { list, locate, withStreamOptions } from '../options.ts'
import type { CommonOptions, Location } from '../options.ts'
import { parsePoint } from '../point.ts'
import type { Point } from '../point.ts'
import { startReadProgress } from '../read-progress.ts'
import { RowsReader } from '../rows-reader.ts'
import type { Standing } from '../rows-reader.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { selectRows } from '../select-rows.ts'
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
  from: Point,
  to: Point | undefined,
  options: DiffOptions,
): Promise<number> {
  const [before, after] = await readBoth(terminal, locate(stream, options), from, to ?? { type: 'end' })
  const changes = diffRows(selectRows(before.rows, options), selectRows(after.rows, options))
  if (terminal.json) await terminal.print(JSON.stringify({ from: before.offset, to: after.offset, changes }))
  else {
    for (const change of changes)
      for (const line of format(change, terminal.colors)) await terminal.print(line)
    if (changes.length === 0)
      await terminal.print(`no row differs between ${before.offset} and ${after.offset}`)
  }
  return options.exitCode === true && changes.length > 0 ? exitCodes.failed : exitCodes.ok
}

/** Reads the log once where the points are in its order, or can be put into it. */
async function readBoth(
  terminal: Terminal,
  location: Location,
  from: Point,
  to: Point,
): Promise<readonly [Standing, Standing]> {
  const isReversed = isBehind(from, to)
  const progress = await startReadProgress(terminal, location)
  const reader = new RowsReader(location, terminal, progress)
  try {
    const first = await reader.readUntil(isReversed ? to : from)
    if (isReversed !== undefined) {
      const second = await reader.readUntil(isReversed ? from : to)
      return isReversed ? [second, first] : [first, second]
    }
  } finally {
    progress.stop()
    await reader.stop()
  }
  // An offset and a time: which comes first, the log alone could say.
  const readers = [new RowsReader(location, terminal), new RowsReader(location, terminal)] as const
  const [before, after] = await Promise.all([readers[0].readUntil(from), readers[1].readUntil(to)])
  await Promise.all(readers.map((each) => each.stop()))
  return [before, after]
}

/** Tells whether one point lies behind another; nothing where that cannot be told. */
function isBehind(from: Point, to: Point): boolean | undefined {
  if (to.type === 'end') return false
  if (from.type === 'end') return true
  if (from.type === 'offset' && from.offset === start) return false
  if (to.type === 'offset' && to.offset === start) return true
  if (from.type === 'offset' && to.type === 'offset') return isBefore(to.offset, from.offset)
  return from.type === 'time' && to.type === 'time' ? to.time < from.time : undefined
}

function format({ type, key, change, before, after, fields = [] }: RowChange, colors: Colors): string[] {
  const name = `${printable(type)} ${printable(key)}`
  switch (change) {
    case 'insert':
      return [colors.green(`+ ${name}  ${inline(after)}`)]
    case 'delete':
      return [colors.red(`- ${name}  ${inline(before)}`)]
    case 'update':
      return [colors.yellow(`~ ${name}`), ...fields.map((field) => `    ${formatField(field, colors)}`)]
  }
}

function formatField(field: FieldChange, { red, green, dim }: Colors): string {
  const path = field.path.length === 0 ? 'value' : field.path.map(printable).join('.')
  const before = Object.hasOwn(field, 'before') ? red(inline(field.before)) : dim('absent')
  const after = Object.hasOwn(field, 'after') ? green(inline(field.after)) : dim('absent')
  return `${path}: ${before} -> ${after}`
}
