import { StreamDBError } from '@streamdb/log'
import type { StoredHead } from '@streamdb/log'
import { corrupt } from './codec.ts'

/** The format of what is stored; a reader of a lower one leaves it as it is. */
export const FORMAT = 1

/** Keys of blocks. */
export const formatKey = 'format'
export const leaseKey = 'lease'
export const claimPrefix = 'claim:'
export const manifestKey = 'head'
export const chunkPrefix = 'chunk:'
export const logPrefix = 'log:'
export const outboxPrefix = 'outbox:'
export const notePrefix = 'note:'

/** A block of rows, or of changes, by its number, and how many it holds. */
export type Part = readonly [id: number, count: number]

/** What makes blocks visible: those that it does not name do not count. */
export interface Manifest {
  readonly head: StoredHead
  /** Rows, in order. */
  readonly chunks: readonly Part[]
  /** Changes that came after them, in order. */
  readonly log: readonly Part[]
  /** The number of the next block. */
  readonly next: number
}

/** Returns what was decoded of a manifest's block. Throws `storage-corrupt` for what is none. */
export function toManifest(value: unknown): Manifest {
  const manifest = value as Partial<Manifest> | null // as it was written, or it is none
  if (Array.isArray(manifest?.chunks) && Array.isArray(manifest.log) && typeof manifest.next === 'number') {
    const offset: unknown = manifest.head?.checkpoint.offset
    if (typeof offset === 'string') return manifest as Manifest // by its checksum it is ours
  }
  throw corrupt('the head is not one')
}

/** Throws `storage-newer` where a later version of this library wrote what is stored. */
export function assertFormat(block: unknown): void {
  const format = Number(block ?? FORMAT)
  if (format <= FORMAT) return
  throw new StreamDBError(
    'storage-newer',
    `What is stored has format ${format}, and this version of @streamdb/persist reads up to ${FORMAT}: it is left as it is`,
  )
}
