import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { describeUrl } from '@streamdb/log'
import { CliError } from '../cli-error.ts'
import { nameOf, toEndpoint } from '../copy/endpoint.ts'
import type { Endpoint } from '../copy/endpoint.ts'
import { openFileSource, openInputSource } from '../copy/file-source.ts'
import { Journal } from '../copy/journal.ts'
import type { CopySource } from '../copy/source.ts'
import { openStreamSource } from '../copy/stream-source.ts'
import { copyToFile, copyToOutput } from '../copy/to-file.ts'
import { copyToStream } from '../copy/to-stream.ts'
import type { CopyTask } from '../copy/to-stream.ts'
import { withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { startProgress } from '../progress.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { count } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'

interface CopyOptions extends CommonOptions {
  readonly append?: boolean | undefined
  readonly overwrite?: boolean | undefined
}

/** Adds `streamdb copy`. */
export const addCopy: AddCommand = (program, session) => {
  const command = program
    .command('copy')
    .summary('copy a stream to another one, or to a file and back')
    .description(
      'Copies all events: from a stream to a stream, from a stream to a file of NDJSON, or from such a file to a stream. After\n' +
        'Ctrl-C, a crash or a failure the same command goes on where it stopped, and stores each event once.',
    )
    .argument('<source>', 'the URL of a stream, a file, or - for the standard input')
    .argument('<target>', 'the URL of a stream, a file, or - for the standard output')
    .option('--append', 'write behind the events of a stream that holds some')
    .option('--overwrite', 'replace a file that exists')
    .addHelpText(
      'after',
      examples(
        ['streamdb copy http://127.0.0.1:4437/rooms/1 rooms-1.ndjson', 'A backup'],
        ['streamdb copy rooms-1.ndjson http://127.0.0.1:4437/rooms/2', 'And back, into another stream'],
        [
          'streamdb copy https://streams.example.com/rooms/1 http://127.0.0.1:4437/rooms/1',
          'From production to here',
        ],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, copy)
}

async function copy(terminal: Terminal, given: string, to: string, options: CopyOptions): Promise<void> {
  const from = toEndpoint(given, options)
  const target = toEndpoint(to, options)
  const names = { source: nameOf(from), target: nameOf(target) }
  if (from.type !== 'stream' && target.type !== 'stream') {
    throw new CliError('usage', 'Expected at least one stream but received two files', {
      remedy: 'A stream is given by its URL: http://...',
    })
  }
  if (names.source === names.target)
    throw new CliError('usage', 'Expected two streams but received the same one twice')
  const source = await openSource(from, terminal)
  if (target.type === 'standard') {
    await copyToOutput(source, terminal)
    return
  }
  const journal = from.type === 'standard' ? undefined : new Journal(journalPath(target, names))
  const progress = await startProgress(terminal, 'copying', source.end)
  const task: CopyTask = { source, journal, names, progress, terminal }
  try {
    const copied =
      target.type === 'stream'
        ? await copyToStream(task, target.location, options.append === true)
        : await copyToFile(task, target.path, options.overwrite === true)
    progress.stop()
    await report(terminal, names, copied)
  } catch (error) {
    progress.stop()
    if (journal?.isWritten === true)
      terminal.note(`The same command goes on from here (${journal.path} says where).`)
    throw error
  }
}

function openSource(from: Endpoint, terminal: Terminal): Promise<CopySource> | CopySource {
  switch (from.type) {
    case 'stream':
      return openStreamSource(from.location, terminal)
    case 'file':
      return openFileSource(from.path)
    case 'standard':
      return openInputSource()
  }
}

/** Beside a file; for a stream, in the folder of the command. */
function journalPath(target: Endpoint, names: { readonly source: string; readonly target: string }): string {
  if (target.type === 'file') return `${target.path}.partial.json`
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 12)
  return resolve(`.streamdb-copy-${hash}.json`)
}

async function report(
  terminal: Terminal,
  { source, target }: { readonly source: string; readonly target: string },
  copied: number,
): Promise<void> {
  if (terminal.json) return terminal.print(JSON.stringify({ source, target, copied }))
  const name = (each: string): string => (/^https?:/i.test(each) ? describeUrl(each) : each)
  await terminal.print(`${terminal.colors.green('copied')} ${count(copied, 'event')} to ${name(target)}`)
}
