import { describeUrl, randomId } from '@streamdb/log'
import { createBatchSender } from '../append-batches.ts'
import { CliError } from '../cli-error.ts'
import { createStream } from '../create-stream.ts'
import type { Location } from '../options.ts'
import { readLog } from '../read-log.ts'
import type { Progress } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import type { Journal, SourcePosition } from './journal.ts'
import type { CopiedItem, CopySource } from './source.ts'

/** What a copy works with. */
export interface CopyTask {
  readonly source: CopySource
  /** Absent where the source cannot be read again. */
  readonly journal: Journal | undefined
  readonly names: { readonly source: string; readonly target: string }
  readonly progress: Progress
  readonly terminal: Terminal
}

/** How many items go together, and how many characters: the parts of a transaction do, whatever their number. */
const batchItems = 500
const batchCharacters = 256 * 1024
/** What a server may refuse as one body. */
const mostCharacters = 8 * 1024 * 1024

/**
 * Copies into a stream. Each batch is written down before it is sent, with its place in the producer's sequence: sent again
 * by a later run it is stored once. Throws `target-not-empty` for a stream with events, unless `mayAppend`.
 */
export async function copyToStream(task: CopyTask, target: Location, mayAppend: boolean): Promise<number> {
  const { source, journal, names, progress, terminal } = task
  const { created } = await createStream(target, {}, terminal.signal)
  const known = await journal?.load(names.source, names.target)
  if (known === undefined && !created && !mayAppend) await assertEmpty(target, terminal)
  const send = createBatchSender(target, terminal)
  const { producer, seq: firstSeq } = known?.sending ?? { producer: `streamdb-copy-${randomId()}`, seq: 0 }
  let position: SourcePosition = known?.position ?? source.start
  let copied = known?.copied ?? 0
  let seq = firstSeq
  for await (const batch of batchesOf(source.read(position), known?.sending?.count)) {
    await journal?.save({ ...names, position, copied, sending: { producer, seq, count: batch.length } })
    await send(
      batch.map(({ text }) => text),
      { id: producer, seq },
    )
    seq++
    copied += batch.length
    position = batch.at(-1)?.position ?? position
    progress.update(isNaN(Number(source.end)) ? position.at : Number(position.at), copied)
  }
  await journal?.remove()
  return copied
}

/** Cuts items into batches, not within a transaction; `firstCount`: the first one is cut as it was before. */
async function* batchesOf(
  items: AsyncGenerator<CopiedItem, void>,
  firstCount: number | undefined,
): AsyncGenerator<readonly CopiedItem[], void> {
  let batch: CopiedItem[] = []
  let characters = 0
  let exact = firstCount
  for await (const item of items) {
    const isFull = batch.length >= batchItems || characters >= batchCharacters
    const goesOn = item.txid !== undefined && item.txid === batch.at(-1)?.txid && characters < mostCharacters
    if (exact === undefined ? isFull && !goesOn : batch.length === exact) {
      yield batch
      batch = []
      characters = 0
      exact = undefined
    }
    batch.push(item)
    characters += item.text.length
  }
  if (exact !== undefined && batch.length < exact) {
    throw new CliError('source-changed', 'The source is shorter than it was when the copy began')
  }
  if (batch.length > 0) yield batch
}

async function assertEmpty(target: Location, terminal: Terminal): Promise<void> {
  for await (const read of readLog(target, { terminal })) {
    if (read.type === 'checkpoint') return
    if (read.type === 'restart') continue
    throw new CliError('target-not-empty', `The stream ${describeUrl(target.url)} holds events already`, {
      remedy: 'Choose another stream, or pass --append to write behind them',
    })
  }
}
