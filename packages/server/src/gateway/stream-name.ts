import { Refusal } from './refusal.ts'

/** A stream, as a request names it. */
export interface StreamName {
  /** Decoded: `rooms/1`. */
  readonly name: string
  /** As it stands in a URL. */
  readonly path: string
  /** The log that the stream is of: its own name, or, of a snapshot or an index of snapshots, that of its log. */
  readonly log: string
}

/** How long a name may be, in characters. */
const longest = 1024

/**
 * Returns the stream that a request's path names, behind `prefix`. Throws a refusal, 404, for one that names none.
 *
 * A name is built anew from decoded parts, so that there is one spelling of it: no empty part, no `.` or `..`, no slash,
 * backslash or control character inside a part. Nothing of the request is an address.
 */
export function parseStreamName(pathname: string, prefix: string): StreamName {
  if (!pathname.startsWith(prefix)) throw noStream(`The path does not begin with ${prefix}.`)
  const parts = pathname.slice(prefix.length).split('/').map(decode)
  if (!parts.every(isPart)) throw noStream('The path is no name of a stream.')
  const name = parts.join('/')
  if (name.length > longest) throw noStream(`The name of a stream has at most ${longest} characters.`)
  return { name, path: parts.map(encode).join('/'), log: logOf(name) }
}

/** Whether a stream holds a snapshot or says where they are: a compactor writes it, and nobody else. */
export function isSnapshot({ name, log }: StreamName): boolean {
  return name !== log
}

/** Snapshots and their index have names that begin with that of their log and `.snapshots`. */
function logOf(name: string): string {
  const at = name.search(/\.snapshots(?=$|[./])/)
  return at <= 0 ? name : name.slice(0, at)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

/** As URLs spell a part of a path: without escapes that are not needed. */
function encode(part: string): string {
  return encodeURIComponent(part).replace(/%(3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent)
}

function isPart(part: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what is refused
  return part !== '' && part !== '.' && part !== '..' && !/[/\\\u0000-\u001f\u007f]/.test(part)
}

function noStream(why: string): Refusal {
  return new Refusal({ status: 404, code: 'stream-not-found', message: `There is no such stream. ${why}` })
}
