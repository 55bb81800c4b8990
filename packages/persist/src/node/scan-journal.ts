import { crc32 } from 'node:zlib'
import type { FileHandle } from 'node:fs/promises'

/** The first bytes of every journal, with the number of its format. */
export const MAGIC: Buffer = Buffer.from('SDBJRNL1')

/** Before every change: the lengths of its description and of its blocks, and a checksum over both. */
export const HEADER = 12

/** What a change does: its blocks follow, one after the other. */
export interface Description {
  readonly put: readonly (readonly [key: string, length: number, isText: boolean])[]
  readonly remove: readonly string[]
}

/** What was found in a file. */
export interface Scanned {
  /** The end of the last change that is whole. */
  readonly end: number
  /** Something before that is not as it was written: changes are missing in between. */
  readonly isDamaged: boolean
}

/** A description begins so. */
const beginning = Buffer.from('{"put":[')
/** So much is searched at once. */
const PIECE = 256 * 1024

/**
 * Reads the changes of a journal's file, in order; `take` is given each with the place of its blocks.
 *
 * What does not add up at the end was not written to its end. In the middle it is damage: what lies behind it is found by
 * looking for the next change that is whole.
 */
export async function scanJournal(
  file: FileHandle,
  size: number,
  take: (description: Description, at: number) => void,
): Promise<Scanned> {
  let isDamaged = !(await readBytes(file, 0, MAGIC.length)).equals(MAGIC)
  let at = MAGIC.length
  let end = at
  for (;;) {
    const record = await readRecord(file, at, size)
    if (record !== undefined) {
      take(record.description, record.at)
      at = end = record.end
      continue
    }
    const next = await findRecord(file, at + 1, size)
    if (next === undefined) return { end, isDamaged }
    isDamaged = true
    at = next
  }
}

interface FoundRecord {
  readonly description: Description
  /** Where its blocks lie. */
  readonly at: number
  readonly end: number
}

async function readRecord(file: FileHandle, at: number, size: number): Promise<FoundRecord | undefined> {
  if (at + HEADER > size) return undefined
  const header = await readBytes(file, at, HEADER)
  const [head, body] = [header.readUInt32LE(0), header.readUInt32LE(4)]
  if (head + body > size - at - HEADER) return undefined
  const bytes = await readBytes(file, at + HEADER, head + body)
  if (crc32(bytes, crc32(header.subarray(0, 8))) !== header.readUInt32LE(8)) return undefined
  // Zeros are their own checksum, and no change.
  if (!bytes.subarray(0, beginning.length).equals(beginning)) return undefined
  // By its checksum it is ours.
  const description = JSON.parse(bytes.toString('utf8', 0, head)) as Description
  return { description, at: at + HEADER + head, end: at + HEADER + head + body }
}

/** Returns where the first change lies that is whole and begins at `from` or behind it. */
async function findRecord(file: FileHandle, from: number, size: number): Promise<number | undefined> {
  for (let start = from + HEADER; start < size; start += PIECE) {
    // A beginning may lie across two pieces.
    const piece = await readBytes(file, start, Math.min(PIECE + beginning.length - 1, size - start))
    for (let index = piece.indexOf(beginning); index !== -1; index = piece.indexOf(beginning, index + 1)) {
      const at = start + index - HEADER
      if ((await readRecord(file, at, size)) !== undefined) return at
    }
  }
  return undefined
}

/** Reads exactly so many bytes. */
export async function readBytes(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, at + read)
    if (bytesRead === 0) throw new Error('the file is shorter than it was')
    read += bytesRead
  }
  return bytes
}
