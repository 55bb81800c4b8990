import { describeUrl } from '@streamdb/log'
import { compactStream } from '@streamdb/server'
import { locate, wholeNumber, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { count } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'

interface CompactOptions extends CommonOptions {
  readonly minEvents: number
  readonly keep: number
  readonly grace: number
  readonly index?: string | undefined
}

/** Adds `streamdb compact`. */
export const addCompact: AddCommand = (program, session) => {
  const command = program
    .command('compact')
    .summary('write a snapshot, so that readers start without the whole log')
    .description(
      'Writes the rows of a stream as a snapshot beside it. Readers with the option `snapshots` begin with that; the log stays\n' +
        'as it is. Older snapshots are deleted when nobody can be reading them any more.',
    )
    .argument('<stream>', 'its URL, or a path on --server')
    .option(
      '--min-events <number>',
      'do nothing where fewer were appended since the last one',
      wholeNumber(),
      1,
    )
    .option('--keep <snapshots>', 'how many to keep, the new one included', wholeNumber(1), 2)
    .option('--grace <seconds>', 'for how long an older one is kept all the same', wholeNumber(), 600)
    .option('--index <stream>', 'where snapshots are recorded; unless told the stream with ".snapshots"')
    .addHelpText(
      'after',
      examples(
        ['streamdb compact rooms/1', 'Now'],
        ['streamdb compact rooms/1 --min-events 10000', 'As a job that runs every minute'],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, compact)
}

async function compact(terminal: Terminal, stream: string, options: CompactOptions): Promise<void> {
  const source = locate(stream, options)
  const { minEvents, keep, grace, index } = options
  const compaction = await compactStream({
    ...{ source, minEvents, keep, grace: grace * 1_000, signal: terminal.signal },
    index: index === undefined ? undefined : locate(index, options),
  })
  const { deleted } = compaction
  const failed = compaction.failed.map(({ message }) => message)
  if (terminal.json) return terminal.print(JSON.stringify({ ...compaction, failed }))
  const { green, dim } = terminal.colors
  if (compaction.type === 'skipped') {
    const why = {
      'too-few-events': 'too few events since the last snapshot',
      'no-position': 'there is nothing to compact',
    }
    await terminal.print(`${dim('skipped')} ${why[compaction.why]}`)
  } else {
    const { url, rows, offset } = compaction.snapshot
    await terminal.print(`${green('written')} ${count(rows, 'row')} at ${offset} ${dim(describeUrl(url))}`)
  }
  if (deleted.length > 0) await terminal.print(dim(`deleted ${count(deleted.length, 'older snapshot')}`))
  for (const message of failed) await terminal.print(`${terminal.colors.yellow('not deleted')} ${message}`)
}
