import { once } from 'node:events'
import pc from 'picocolors'

/** Colours for one of the outputs: the functions return their text as it is where there is no terminal. */
export type Colors = ReturnType<typeof pc.createColors>

/** Where a command writes, and what ends it. */
export interface Terminal {
  /** Writes a line of the result to the standard output; resolves when more may follow. */
  print(line: string): Promise<void>
  /** Writes a line for people to the standard error; nothing with `--json`. */
  note(line: string): void
  /** Colours for what is printed. */
  readonly colors: Colors
  /** Colours for notes. */
  readonly noteColors: Colors
  /** Whether a person reads the notes: then progress is shown, and questions are asked. */
  readonly isInteractive: boolean
  /** The result is JSON. */
  readonly json: boolean
  /** Aborts when the command is to end, with `Interrupted` as its reason. */
  readonly signal: AbortSignal
}

/** Returns the terminal of this process. */
export function processTerminal(options: { readonly json: boolean; readonly signal: AbortSignal }): Terminal {
  const { json, signal } = options
  const { stdout, stderr } = process
  return {
    async print(line) {
      if (!stdout.write(`${line}\n`)) await once(stdout, 'drain')
    },
    note(line) {
      if (!json) stderr.write(`${line}\n`)
    },
    colors: pc.createColors(!json && hasColors(stdout)),
    noteColors: pc.createColors(hasColors(stderr)),
    isInteractive: stderr.isTTY && !json && process.env['TERM'] !== 'dumb',
    json,
    signal,
  }
}

/** Whether to colour: on a terminal only, unless NO_COLOR or FORCE_COLOR (or the flags) say otherwise. */
export function hasColors(
  { isTTY }: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
  argv: readonly string[] = process.argv,
): boolean {
  if (argv.includes('--no-color')) return false
  if (argv.includes('--color')) return true
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTTY === true && env['TERM'] !== 'dumb'
}

/** Replaces what would move the cursor or colour the terminal: a log holds what anybody wrote. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** Returns a value as JSON in one line, for people: safe to print. */
export function inline(value: unknown): string {
  return printable(JSON.stringify(value) ?? 'undefined')
}

/** Formats a count with its noun: `1 event`, `1,200 events`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}
