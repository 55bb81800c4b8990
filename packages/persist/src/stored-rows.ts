import type { StoredChange, StoredRow } from '@streamdb/log'
import type { Blocks } from './blocks.ts'
import { corrupt } from './codec.ts'
import type { BlockFormat } from './codec.ts'
import { RowLog } from './row-log.ts'
import type { Merge } from './row-log.ts'
import { chunkPrefix, logPrefix } from './stored-manifest.ts'
import type { Manifest, Part } from './stored-manifest.ts'

/** How many rows a chunk has at most: some 400 kB of JSON where rows are small, parsed in a few ms. */
export const CHUNK_LENGTH = 4000

/** A chunk of more characters is cut, as far as a few of its rows show that it has more. */
const MOST_CHARACTERS = 2 * 1024 * 1024

/** One of so many rows is measured; where there are fewer than `FEW_ROWS`, none is. */
const ROWS_PER_SAMPLE = 100
const FEW_ROWS = 20

/** The blocks that a manifest names are gone: somebody has written another one since it was read. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile'
}

/**
 * Yields what a manifest names, chunk by chunk: the rows, with the changes that came after them. Throws
 * `storage-corrupt`, and `ChangedMeanwhile` where the first of its blocks is gone.
 */
export async function* readRows(
  { chunks, log }: Pick<Manifest, 'chunks' | 'log'>,
  blocks: Pick<Blocks, 'read'>,
  format: BlockFormat,
): AsyncGenerator<readonly StoredRow[], void> {
  // All of them as they were at one moment.
  const parts = [...log.map(toKey(logPrefix)), ...chunks.map(toKey(chunkPrefix))]
  const changes = new RowLog()
  let merge: Merge | undefined
  let index = 0
  for await (const part of readParts(parts, blocks, format)) {
    if (index++ < log.length) for (const change of part) changes.add(change)
    else {
      const rows = part as readonly StoredRow[] // a chunk has rows only
      if (changes.size > 0) merge ??= changes.merge()
      yield merge === undefined ? rows : merge.next(rows)
    }
  }
  if (changes.size > 0) yield* inChunks((merge ?? changes.merge()).rest())
}

/** Yields blocks of changes. Throws as `readRows` does. */
export function readChanges(
  log: Manifest['log'],
  blocks: Pick<Blocks, 'read'>,
  format: BlockFormat,
): AsyncGenerator<readonly StoredChange[], void> {
  return readParts(log.map(toKey(logPrefix)), blocks, format)
}

interface NamedPart {
  readonly key: string
  readonly count: number
}

function toKey(prefix: string): (part: Part) => NamedPart {
  return ([id, count]) => ({ key: prefix + String(id), count })
}

async function* readParts(
  parts: readonly NamedPart[],
  blocks: Pick<Blocks, 'read'>,
  format: BlockFormat,
): AsyncGenerator<readonly StoredChange[], void> {
  let index = 0
  for await (const block of blocks.read(parts.map(({ key }) => key))) {
    const { key, count } = parts[index] ?? { key: '', count: 0 }
    if (block === undefined && index === 0)
      throw new ChangedMeanwhile('Stored blocks were replaced while they were read')
    if (block === undefined) throw corrupt(`${key} is missing`)
    index++
    const changes = await format.decode(block, key)
    if (!Array.isArray(changes)) throw corrupt(`${key} holds no rows`)
    if (changes.length !== count) throw corrupt(`${key} has ${changes.length} rows instead of ${count}`)
    yield changes as readonly StoredChange[] // by its checksum it is ours
  }
  if (index < parts.length) throw corrupt(`${parts.length - index} parts are missing`)
}

/** Cuts changes into chunks; `accepts`: of which of them. */
export function* inChunks<Change extends StoredChange>(
  changes: Iterable<Change>,
  accepts?: (change: Change) => boolean,
): Generator<Change[], void> {
  let chunk: Change[] = []
  for (const change of changes) {
    if (accepts !== undefined && !accepts(change)) continue
    chunk.push(change)
    if (chunk.length < CHUNK_LENGTH) continue
    yield* inPieces(chunk)
    chunk = []
  }
  if (chunk.length > 0) yield* inPieces(chunk)
}

/** Cuts a chunk of large rows into pieces that are written and parsed in a few ms. Their size is estimated by a few of them. */
function* inPieces<Change extends StoredChange>(chunk: Change[]): Generator<Change[], void> {
  // So few fit into one text, however large they are, and most saves are so small.
  const most = chunk.length < FEW_ROWS ? FEW_ROWS : rowsOfPiece(chunk)
  if (chunk.length <= most) yield chunk
  else for (let index = 0; index < chunk.length; index += most) yield chunk.slice(index, index + most)
}

/** Returns how many rows such as these make a piece. */
function rowsOfPiece(chunk: readonly StoredChange[]): number {
  let length = 0
  let count = 0
  for (let index = 0; index < chunk.length; index += ROWS_PER_SAMPLE, count++)
    length += JSON.stringify(chunk[index]).length
  return Math.max(1, Math.floor((MOST_CHARACTERS * count) / length))
}
