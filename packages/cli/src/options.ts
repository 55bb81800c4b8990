import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { CliError } from './cli-error.ts'

/** What every command takes. */
export interface CommonOptions {
  readonly json?: boolean | undefined
  readonly server: string
  readonly header: readonly string[]
}

/** Where `streamdb dev` listens unless told. */
export const devPort = 4437

/** Adds the options of every command that reaches a stream. */
export function withStreamOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--server <url>', 'what a stream that is given as a path lies on')
        .env('STREAMDB_SERVER')
        .default(`http://127.0.0.1:${devPort}`),
    )
    .option('-H, --header <name: value>', 'a header for every request; again for more', collect, [])
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

/** A stream, and the headers that reach it. */
export interface Location {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** Returns where a stream is: a URL as it is, a path on the server. Throws `usage` for what is neither. */
export function locate(given: string, options: CommonOptions): Location {
  return { url: toUrl(given, options.server), headers: readHeaders(options.header) }
}

function toUrl(given: string, server: string): string {
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return given
  const isPath = !/^[a-z][a-z\d+.-]*:/i.test(given) && given !== ''
  if (isPath && URL.canParse(server)) {
    return new URL(given.replace(/^\/*/, ''), server.endsWith('/') ? server : `${server}/`).href
  }
  const received = isPath ? `--server "${server}"` : `"${given}"`
  throw new CliError('usage', `Expected the address of a stream but received ${received}`, {
    remedy: 'Give a URL such as http://127.0.0.1:4437/rooms/1, or a path on --server such as rooms/1',
  })
}

function readHeaders(given: readonly string[]): Record<string, string> {
  const token = process.env['STREAMDB_TOKEN']
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  for (const header of given) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*)$/.exec(header) ?? []
    if (name === undefined || value === undefined) {
      // Not repeated: it may hold a secret.
      throw new CliError('usage', '--header expected "Name: value" but received something else', {
        remedy: 'For example --header "Authorization: Bearer TOKEN"',
      })
    }
    headers[name.toLowerCase()] = value
  }
  return headers
}

/** Reads an option that is a whole number, of at least `least`. */
export function wholeNumber(least = 0): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`)
  }
}

/** Collects an option that may be given again, or as a list with commas. */
export function list(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(',').filter((each) => each !== '')]
}
