import { StreamDBError } from '@streamdb/log'
import { before } from './before.ts'
import type { Block } from './blocks.ts'
import { checksum, CHECKSUM_LENGTH, olderChecksum } from './checksum.ts'

/** Turns the text of a block into what is stored, and back: to encrypt or to compress it. */
export interface Codec {
  readonly encode: (text: string) => Block | Promise<Block>
  /** Throws where the block was not made by `encode`: what is stored is then read from the log again. */
  readonly decode: (block: Block) => string | Promise<string>
}

/** Writes and reads JSON in blocks, with a checksum, by the application's codec. */
export interface BlockFormat {
  readonly encode: (value: unknown) => Block | Promise<Block>
  /** Throws `storage-corrupt`, and `storage-failed` where the codec does not answer. */
  readonly decode: (block: Block, key: string) => Promise<unknown>
}

/** How long a codec may take for a block, in milliseconds: one that never ends is not to hold back what waits for it. */
const CODEC_TIMEOUT = 60_000

const limit = <Value>(coded: Promise<Value>): Promise<Value> =>
  before(CODEC_TIMEOUT, coded, { who: 'The codec' })

/** Returns the format of blocks. */
export function createBlockFormat(codec: Codec | undefined): BlockFormat {
  return {
    encode(value) {
      const json = JSON.stringify(value)
      const text = checksum(json) + json
      if (codec === undefined) return text
      const block = codec.encode(text)
      return typeof block === 'string' || block instanceof Uint8Array
        ? block
        : limit(Promise.resolve(block)).then(checkBlock)
    },
    async decode(block, key) {
      let text: unknown
      try {
        text = codec === undefined ? block : await limit(Promise.resolve(codec.decode(block)))
      } catch (cause) {
        // One that does not answer says nothing of the block.
        if (cause instanceof StreamDBError) throw cause
        throw corrupt(`${key}: the codec does not decode it: ${String(cause)}`, cause)
      }
      if (typeof text !== 'string') throw corrupt(`${key}: expected text but received ${typeof text}`)
      const json = text.slice(CHECKSUM_LENGTH)
      const sum = text.slice(0, CHECKSUM_LENGTH)
      if (checksum(json) !== sum && olderChecksum(json) !== sum)
        throw corrupt(`${key}: the checksum is wrong`)
      try {
        const value: unknown = JSON.parse(json)
        return value
      } catch (cause) {
        throw corrupt(`${key}: it is no JSON`, cause)
      }
    },
  }
}

/** Returns a block that an application's codec made. Throws where it is none: it would be stored, and not be read. */
function checkBlock(block: unknown): Block {
  if (typeof block === 'string' || block instanceof Uint8Array) return block
  const kind = Object.prototype.toString.call(block).slice('[object '.length, -1)
  throw new TypeError(`encode of the codec: expected a string or a Uint8Array but received ${kind}`)
}

/** Returns the error for what is stored and does not add up. */
export function corrupt(what: string, cause?: unknown): StreamDBError {
  return new StreamDBError('storage-corrupt', `Stored rows cannot be used: ${what}. The log is read again`, {
    cause,
  })
}
