import { writeFile } from 'node:fs/promises'
import { describeUrl } from '@streamdb/log'
import { CliError } from '../cli-error.ts'
import { createEventFilter } from '../event-filter.ts'
import { list, locate, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { readLog } from '../read-log.ts'
import { startReadProgress } from '../read-progress.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { count } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'
import { RowTypes } from '../typegen/row-types.ts'
import { writeModule } from '../typegen/write-module.ts'

interface TypegenOptions extends CommonOptions {
  readonly output?: string | undefined
  readonly overwrite?: boolean | undefined
  readonly type?: readonly string[] | undefined
  readonly from: string
}

/** Adds `streamdb typegen`. */
export const addTypegen: AddCommand = (program, session) => {
  const command = program
    .command('typegen')
    .summary('guess a schema module from the events of a stream')
    .description(
      'Writes a TypeScript module with zod schemas (zod 4) that take every event of a stream: optional fields, choices where a\n' +
        'field has few distinct values, unions, dates as ISO strings, nested objects and arrays.',
    )
    .argument('<stream>', 'its URL, or a path on --server')
    .option('-o, --output <file>', 'write it to a file; unless told, to the standard output')
    .option('--overwrite', 'replace a file that exists')
    .option('--type <types>', 'only these types; again, or with commas, for more', list)
    .option('--from <package>', 'where the module imports createStateSchema from', '@streamdb/state')
    .addHelpText(
      'after',
      examples(
        ['streamdb typegen rooms/1 -o src/state.ts', 'A module for an application'],
        ['streamdb check rooms/1 --schema src/state.ts', 'Hold the stream to it later'],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, typegen)
}

async function typegen(terminal: Terminal, stream: string, options: TypegenOptions): Promise<void> {
  const location = locate(stream, options)
  const matches = createEventFilter({ type: options.type })
  const progress = await startReadProgress(terminal, location)
  let types = new RowTypes()
  let events = 0
  try {
    for await (const read of readLog(location, { terminal })) {
      if (read.type === 'event' && matches(read.event)) {
        types.add(read.event)
        if (++events % 500 === 0) progress.update('', events)
      }
      if (read.type === 'restart') [types, events] = [new RowTypes(), 0]
      if (read.type === 'checkpoint') progress.update(read.checkpoint.offset, events)
    }
  } finally {
    progress.stop()
  }
  const found = types.list()
  const name = describeUrl(location.url)
  if (found.length === 0) {
    throw new CliError('empty-stream', `${name} holds no row that a schema could be guessed from`, {
      remedy: 'Append some events first, or leave out --type',
    })
  }
  const text = writeModule(found, { stream: name, events: count(events, 'event'), from: options.from })
  if (options.output !== undefined) await writeOutput(options.output, text, options.overwrite === true)
  if (terminal.json) {
    const { output } = options
    const described = found.map(({ type, shape, others }) => ({
      type,
      events: shape.count + others,
      fields: [...shape.fields.keys()],
    }))
    return terminal.print(JSON.stringify({ types: described, events, output, module: text }))
  }
  if (options.output === undefined) return terminal.print(text.trimEnd())
  await terminal.print(
    `${terminal.colors.green('written')} ${options.output}, ${count(found.length, 'type')} from ${count(events, 'event')}`,
  )
}

async function writeOutput(path: string, text: string, mayOverwrite: boolean): Promise<void> {
  await writeFile(path, text, { flag: mayOverwrite ? 'w' : 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    const message =
      cause.code === 'EEXIST'
        ? `The file ${path} exists`
        : `The file ${path} cannot be written: ${cause.message}`
    const remedy = cause.code === 'EEXIST' ? 'Choose another one, or pass --overwrite' : undefined
    throw new CliError('file', message, { cause, remedy })
  })
}
