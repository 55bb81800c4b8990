import { crc32 } from 'node:zlib'
import { HEADER } from './scan-journal.ts'
import type { Description } from './scan-journal.ts'

/** A block as it is stored. */
export interface EncodedBlock {
  readonly key: string
  readonly bytes: Buffer
  readonly isText: boolean
}

/** A change as it is appended. */
export interface JournalRecord {
  readonly buffers: readonly Buffer[]
  readonly length: number
  readonly description: Description
  /** Its blocks lie so far behind its first byte. */
  readonly headLength: number
}

/** Returns a change with its head: the lengths and names of its blocks, and a checksum. */
export function toRecord(blocks: readonly EncodedBlock[], remove: readonly string[]): JournalRecord {
  const description: Description = {
    put: blocks.map(({ key, bytes, isText }) => [key, bytes.length, isText] as const),
    remove,
  }
  const head = Buffer.from(JSON.stringify(description))
  const header = Buffer.alloc(HEADER)
  const buffers = [header, head, ...blocks.map(({ bytes }) => bytes)]
  const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
  header.writeUInt32LE(head.length, 0)
  header.writeUInt32LE(length - HEADER - head.length, 4)
  header.writeUInt32LE(
    buffers.slice(1).reduce((crc, buffer) => crc32(buffer, crc), crc32(header.subarray(0, 8))),
    8,
  )
  return { buffers, length, description, headLength: HEADER + head.length }
}
