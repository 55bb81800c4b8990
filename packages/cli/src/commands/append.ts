import { describeUrl } from '@streamdb/log'
import { isChangeEvent } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { createBatchSender, producerName } from '../append-batches.ts'
import { batchesOf } from '../batches.ts'
import { CliError } from '../cli-error.ts'
import { createStream } from '../create-stream.ts'
import { locate, wholeNumber, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
import { parseEvents } from '../parse-events.ts'
import type { GivenEvent, ParsedEvents } from '../parse-events.ts'
import { readInput } from '../read-input.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import { loadSchema, schemaFault } from '../schema-module.ts'
import { count } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'

interface AppendOptions extends CommonOptions {
  readonly txid?: string | undefined
  readonly batch?: number | undefined
  readonly schema?: string | undefined
  readonly create?: boolean | undefined
}

/** How large one transaction may be, in characters: servers refuse bodies of some size. */
const mostCharacters = 8 * 1024 * 1024
/** How many faults are shown. */
const mostFaults = 20

/** Adds `streamdb append`. */
export const addAppend: AddCommand = (program, session) => {
  const command = program
    .command('append')
    .summary('write events')
    .description(
      'Writes events to a stream, from the arguments or the standard input: JSON (an event, or an array of them) or NDJSON\n' +
        '(one event a line). Every event is checked first: where one is bad, nothing is sent, and each bad one is named with\n' +
        'its line and what was expected. All events are stored together, or none of them, and once however often it is tried.',
    )
    .argument('<stream>', 'its URL, or a path on --server')
    .argument('[event...]', 'events as JSON; without any, the standard input')
    .option('--txid <id>', 'the transaction of the events; the same command run again stores them once')
    .option(
      '--batch <events>',
      'store so many together, and not all of them: for large inputs',
      wholeNumber(1),
    )
    .option('--schema <module>', 'check the values by a module that exports the result of createStateSchema')
    .option('--create', 'make the stream where there is none')
    .addHelpText(
      'after',
      examples(
        [
          `streamdb append rooms/1 '{"type":"user","key":"1","value":{"name":"Ada"},"headers":{"operation":"upsert"}}'`,
          'One event',
        ],
        ['streamdb append rooms/1 --txid import-7 < events.ndjson', 'A file of them, as one transaction'],
        [
          'streamdb append rooms/1 --batch 1000 --schema ./state.ts < large.ndjson',
          'A large file, checked by a schema',
        ],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, append)
}

async function append(
  terminal: Terminal,
  stream: string,
  given: readonly string[],
  options: AppendOptions,
): Promise<void> {
  const location = locate(stream, options)
  const { events, faults } =
    given.length > 0 ? parseArguments(given) : parseEvents(await readInput(terminal.signal))
  const allFaults = [
    ...faults,
    ...txidFaults(events, options.txid),
    ...(await schemaFaults(events, options.schema)),
  ]
  if (allFaults.length > 0) throw refusal(allFaults)
  if (events.length === 0)
    throw new CliError('invalid-input', 'Expected at least one event but received none')
  const texts = events.map(({ event }) => JSON.stringify(withTxid(event, options.txid)))
  const size = texts.reduce((sum, text) => sum + text.length, 0)
  if (options.batch === undefined && size > mostCharacters) {
    const received = `${count(events.length, 'event')} of ${(size / 1e6).toFixed(1)} MB`
    throw new CliError('invalid-input', `Expected at most 8 MB as one transaction but received ${received}`, {
      remedy: 'Pass --batch 1000 to store them in several transactions of so many events',
    })
  }
  const batches = batchesOf(texts, options.batch ?? texts.length)
  if (options.create === true) await createStream(location, {}, terminal.signal)
  const send = createBatchSender(location, terminal)
  const id = producerName(options.txid, batches)
  let offset: string | undefined
  for (const [seq, batch] of batches.entries()) offset = await send(batch, { id, seq })
  if (terminal.json) {
    const { txid } = options
    return terminal.print(
      JSON.stringify({ url: location.url, appended: events.length, batches: batches.length, txid, offset }),
    )
  }
  const { green, dim } = terminal.colors
  const where = offset === undefined ? '' : dim(` offset ${offset}`)
  await terminal.print(
    `${green('appended')} ${count(events.length, 'event')} to ${describeUrl(location.url)}${where}`,
  )
}

function parseArguments(given: readonly string[]): ParsedEvents {
  const parsed = given.map((text, index) =>
    parseEvents(text, given.length > 1 ? `argument ${index + 1}, ` : ''),
  )
  return {
    events: parsed.flatMap(({ events }) => events),
    faults: parsed.flatMap(({ faults }) => faults),
  }
}

function refusal(faults: readonly string[]): CliError {
  const more = faults.length - mostFaults
  const details = [...faults.slice(0, mostFaults), ...(more > 0 ? [`and ${more} more`] : [])]
  return new CliError(
    'invalid-input',
    `Nothing was sent: ${count(faults.length, 'event')} cannot be written`,
    {
      details,
      remedy: 'Mend these lines and run the command again',
    },
  )
}

function txidFaults(events: readonly GivenEvent[], txid: string | undefined): string[] {
  if (txid === undefined) return []
  return events.flatMap(({ event, where }) => {
    const own = event.headers['txid']
    if (own === undefined || own === txid) return []
    return [`${where}: Expected no txid, or that of --txid ("${txid}"), but received ${JSON.stringify(own)}`]
  })
}

async function schemaFaults(events: readonly GivenEvent[], module: string | undefined): Promise<string[]> {
  if (module === undefined) return []
  const schema = await loadSchema(module)
  return events.flatMap(({ event, where }) => {
    const fault = schemaFault(event, schema)
    return fault === undefined ? [] : [`${where}: ${fault.message}`]
  })
}

function withTxid(event: StateEvent, txid: string | undefined): StateEvent {
  if (txid === undefined || !isChangeEvent(event)) return event
  return { ...event, headers: { ...event.headers, txid } }
}
