import { CliError } from '../cli-error.ts'
import { createEventFilter } from '../event-filter.ts'
import { formatEvent } from '../format-event.ts'
import { list, locate, wholeNumber, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { readLog } from '../read-log.ts'
import { endOf } from '../request.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import type { Terminal } from '../terminal.ts'

interface TailOptions extends CommonOptions {
  readonly follow: boolean
  readonly from: string
  readonly type?: readonly string[] | undefined
  readonly key?: readonly string[] | undefined
  readonly limit?: number | undefined
}

/** Adds `streamdb tail`. */
export const addTail: AddCommand = (program, session) => {
  const command = program
    .command('tail')
    .summary('show the events as they come')
    .description(
      'Shows the events of a stream, and then each new one as it comes, until Ctrl-C. Breaks of the connection are waited out.\n' +
        'With --json each line is an event as the stream has it: `streamdb append` takes that.',
    )
    .argument('<stream>', 'its URL, or a path on --server')
    .option(
      '--from <offset>',
      'begin behind an offset; "now": with what comes; "start": with the first event',
      'start',
    )
    .option('--no-follow', 'end when all is shown')
    .option('--type <types>', 'only events of these types; again, or with commas, for more', list)
    .option('--key <keys>', 'only events of these keys', list)
    .option('--limit <events>', 'end after so many events', wholeNumber(1))
    .addHelpText(
      'after',
      examples(
        ['streamdb tail rooms/1', 'Everything, and what comes'],
        ['streamdb tail rooms/1 --from now --type message', 'New messages only'],
        ['streamdb tail rooms/1 --no-follow --json > events.ndjson', 'All events into a file'],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, tail)
}

async function tail(terminal: Terminal, stream: string, options: TailOptions): Promise<void> {
  const location = locate(stream, options)
  const matches = createEventFilter(options)
  const { limit = Infinity, follow } = options
  const from = await offsetOf(options.from, () => endOf(location, terminal.signal))
  let left = limit
  let isWaiting = false
  for await (const read of readLog(location, { from, live: follow, terminal })) {
    switch (read.type) {
      case 'event': {
        if (!matches(read.event)) break
        await terminal.print(
          terminal.json ? JSON.stringify(read.event) : formatEvent(read.event, terminal.colors),
        )
        if (--left === 0) return
        break
      }
      case 'invalid': {
        const { code, message, event } = read.issue
        if (terminal.json) process.stderr.write(`${JSON.stringify({ invalid: { code, message, event } })}\n`)
        else terminal.note(`${terminal.noteColors.yellow('invalid')} ${message}`)
        break
      }
      case 'restart':
        if (read.why === 'offset-invalid') {
          throw new CliError(
            'usage',
            `Expected an offset of the stream but received --from "${options.from}"`,
            {
              remedy: 'Offsets are shown by `streamdb tail STREAM --no-follow`',
            },
          )
        }
        terminal.note(`the stream begins anew (${read.why})`)
        break
      case 'checkpoint':
        if (read.upToDate && follow && !isWaiting && terminal.isInteractive) {
          terminal.note(terminal.noteColors.dim('up to date; waiting for events, Ctrl-C ends'))
          isWaiting = true
        }
    }
  }
}

async function offsetOf(given: string, end: () => Promise<string>): Promise<{ offset: string } | undefined> {
  if (given === 'start' || given === '-1') return undefined
  return { offset: given === 'now' ? await end() : given }
}
