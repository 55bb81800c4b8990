import { describeUrl } from '@streamdb/log'
import { createStream } from '../create-stream.ts'
import { locate, wholeNumber, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import type { Terminal } from '../terminal.ts'

interface CreateOptions extends CommonOptions {
  readonly ttl?: number | undefined
  readonly expiresAt?: string | undefined
  readonly fork?: string | undefined
  readonly forkOffset?: string | undefined
}

/** Adds `streamdb create`. */
export const addCreate: AddCommand = (program, session) => {
  const command = program
    .command('create')
    .summary('make a stream')
    .description('Makes a stream of JSON events. One that exists with the same settings is left as it is.')
    .argument('<stream>', 'its URL, or a path on --server')
    .option('--ttl <seconds>', 'may be deleted when nobody read or wrote it for so long', wholeNumber(1))
    .option('--expires-at <time>', 'may be deleted from then on, such as 2030-01-01T00:00:00Z')
    .option(
      '--fork <stream>',
      'begin with the events of another stream of the same server; nothing is copied',
    )
    .option('--fork-offset <offset>', 'with its events up to there alone')
    .addHelpText(
      'after',
      examples(
        ['streamdb create rooms/1', 'On the server that `streamdb dev` runs'],
        [
          'streamdb create https://streams.example.com/rooms/1 -H "Authorization: Bearer TOKEN"',
          'Anywhere else',
        ],
        ['streamdb create rooms/1-draft --fork rooms/1', 'A branch of another stream'],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, create)
}

async function create(terminal: Terminal, stream: string, options: CreateOptions): Promise<void> {
  const location = locate(stream, options)
  const { ttl, expiresAt, fork, forkOffset } = options
  const path = fork === undefined ? undefined : new URL(locate(fork, options).url).pathname
  const made = await createStream(
    location,
    { ttl, expiresAt, fork: path === undefined ? undefined : { path, offset: forkOffset } },
    terminal.signal,
  )
  const { created, offset } = made
  if (terminal.json) return terminal.print(JSON.stringify({ url: location.url, created, offset }))
  const { green, dim } = terminal.colors
  const url = describeUrl(location.url)
  await terminal.print(created ? `${green('created')} ${url}` : `${dim('exists')} ${url}`)
}
