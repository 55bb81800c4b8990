import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'

/** Where a copy stands in its source. */
export interface SourcePosition {
  /** A stream's offset, or a file's bytes. */
  readonly at: string
  /** How many items behind it are copied already. */
  readonly skip: number
  /** The stream that the offset is of, or the file's size and time of change. */
  readonly id?: string | undefined
}

/** What a copy needs to go on later, exactly once. */
export interface JournalEntry {
  readonly source: string
  readonly target: string
  /** Everything before it is in the target. */
  readonly position: SourcePosition
  /** How many items are in the target. */
  readonly copied: number
  /** To a stream: the batch that is under way, which may be stored or not. */
  readonly sending?: { readonly producer: string; readonly seq: number; readonly count: number } | undefined
  /** To a file: how many bytes of it are good. */
  readonly bytes?: number | undefined
}

/** Keeps where a copy stands in a file, so that it goes on after Ctrl-C, a crash or a failure. */
export class Journal {
  readonly path: string
  #isWritten = false

  constructor(path: string) {
    this.path = path
  }

  /** Whether the copy can go on later. */
  get isWritten(): boolean {
    return this.#isWritten
  }

  /** Returns what an earlier run left for the same source and target; nothing where there is none. */
  async load(source: string, target: string): Promise<JournalEntry | undefined> {
    const text = await readFile(this.path, 'utf8').catch(() => undefined)
    if (text === undefined) return undefined
    const entry = parseEntry(text)
    if (entry?.source === source && entry.target === target) {
      this.#isWritten = true
      return entry
    }
    throw new CliError('file', `The file ${this.path} is of another copy, or is damaged`, {
      remedy: 'Finish that copy, or delete the file to begin anew',
    })
  }

  /** Replaces the file: a crash leaves the entry before. */
  async save(entry: JournalEntry): Promise<void> {
    const fresh = `${this.path}.new`
    try {
      await writeFile(fresh, JSON.stringify(entry))
      await rename(fresh, this.path)
    } catch (cause) {
      throw new CliError(
        'file',
        `The file ${this.path}, which says where the copy stands, cannot be written: ${String(cause)}`,
        {
          cause,
          remedy: 'Run the command in a folder that can be written',
        },
      )
    }
    this.#isWritten = true
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true })
    this.#isWritten = false
  }
}

function parseEntry(text: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(text) as Partial<JournalEntry>
    const isEntry = typeof entry.position?.at === 'string' && typeof entry.copied === 'number'
    // Written by `save`.
    return isEntry ? (entry as JournalEntry) : undefined
  } catch {
    return undefined
  }
}
