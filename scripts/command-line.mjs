// @ts-check
import { parseArgs } from 'node:util'

/** What a person typed is not what a command takes: the message says so, and needs no stack. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError'
}

/**
 * Reads the arguments of a command. For `--help` it prints the usage, and ends the process; for what the command does not
 * know it prints what that is and the usage, and ends with 2.
 * @template Options
 * @param {string} usage
 * @param {(argv: readonly string[]) => Options} read Throws for what it does not take.
 * @returns {Options}
 */
export function readCommand(usage, read) {
  const argv = process.argv.slice(2)
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  try {
    return read(argv)
  } catch (error) {
    const isUsage = error instanceof UsageError || String(Object(error).code).startsWith('ERR_PARSE_ARGS')
    if (!isUsage || !(error instanceof Error)) throw error
    process.stderr.write(`${error.message}\n\n${usage}\n`)
    process.exit(2)
  }
}

/**
 * Returns the number that a text is. Throws a `UsageError` for one that is none, or is not within the bounds.
 * @param {string} what
 * @param {string} text
 * @param {{ readonly least?: number, readonly isWhole?: boolean }} [bounds]
 */
export function numberOf(what, text, { least = 0, isWhole = false } = {}) {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= least && (!isWhole || Number.isInteger(value)))
    return value
  const kind = isWhole ? 'a whole number' : 'a number'
  throw new UsageError(`${what}: expected ${kind} from ${least} on, but received ${JSON.stringify(text)}`)
}

/**
 * Returns the name, which has to be among those that are known. Throws a `UsageError` otherwise.
 * @param {string} what
 * @param {string} name
 * @param {readonly string[]} known
 */
export function nameOf(what, name, known) {
  if (known.includes(name)) return name
  throw new UsageError(`${what}: expected one of ${known.join(', ')}, but received ${JSON.stringify(name)}`)
}

export { parseArgs }
