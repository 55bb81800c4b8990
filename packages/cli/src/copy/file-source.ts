import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'
import type { SourcePosition } from './journal.ts'
import { txidOf } from './source.ts'
import type { CopiedItem, CopySource } from './source.ts'

/** How many faults are shown. */
const mostFaults = 20

/** Returns a file of NDJSON as the source of a copy. Every line is checked first: throws `invalid-input` where one is no JSON. */
export async function openFileSource(path: string): Promise<CopySource> {
  const { size, mtimeMs } = await stat(path).catch((cause: unknown) => {
    throw new CliError('file', `The file ${path} cannot be read: ${String(cause)}`, { cause })
  })
  const id = `${size} ${mtimeMs}`
  const faults: string[] = []
  for await (const { text, line } of linesOf(createReadStream(path))) {
    const fault = faultOf(text)
    if (fault !== undefined && faults.push(`line ${line}: ${fault}`) >= mostFaults) break
  }
  if (faults.length > 0) {
    throw new CliError('invalid-input', `Nothing was copied: ${path} is not NDJSON, one JSON value a line`, {
      details: faults,
    })
  }
  return {
    start: { at: '0', skip: 0, id },
    end: size,
    read: (from) => readItems(path, from, id),
  }
}

/** Returns the standard input as the source of a copy, which cannot go on later. */
export function openInputSource(): CopySource {
  return {
    start: { at: '0', skip: 0 },
    end: undefined,
    read: (from) => toItems(linesOf(process.stdin), from),
  }
}

async function* readItems(path: string, from: SourcePosition, id: string): AsyncGenerator<CopiedItem, void> {
  if (from.id !== id) {
    throw new CliError('source-changed', `The file ${path} changed since the copy began`, {
      remedy: 'Put it back as it was, or delete what was copied and the journal, and copy it again',
    })
  }
  yield* toItems(linesOf(createReadStream(path, { start: Number(from.at) })), from)
}

async function* toItems(
  lines: AsyncGenerator<Line, void>,
  from: SourcePosition,
): AsyncGenerator<CopiedItem, void> {
  for await (const { text, end, line } of lines) {
    const fault = faultOf(text)
    if (fault !== undefined) throw new CliError('invalid-input', `Line ${line}: ${fault}`)
    const position = { ...from, at: String(Number(from.at) + end) }
    yield { text, txid: txidOf(JSON.parse(text)), position }
  }
}

function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

interface Line {
  readonly text: string
  readonly line: number
  /** How many bytes lie before the next one. */
  readonly end: number
}

/** Splits bytes into lines; empty ones are left out. */
async function* linesOf(input: AsyncIterable<unknown>): AsyncGenerator<Line, void> {
  let rest: Buffer[] = []
  let end = 0
  let line = 0
  const take = (last: Buffer): Line => {
    const bytes = Buffer.concat([...rest, last])
    rest = []
    end += bytes.length
    line++
    return { text: bytes.toString('utf8').trim(), line, end }
  }
  for await (const chunk of input) {
    // What a stream without an encoding gives.
    let buffer = chunk as Buffer
    for (;;) {
      const index = buffer.indexOf(10)
      if (index === -1) break
      const taken = take(buffer.subarray(0, index + 1))
      buffer = buffer.subarray(index + 1)
      if (taken.text !== '') yield taken
    }
    if (buffer.length > 0) rest.push(buffer)
  }
  const last = take(Buffer.alloc(0))
  if (last.text !== '') yield last
}
