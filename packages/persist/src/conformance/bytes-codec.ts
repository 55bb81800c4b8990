import type { Codec } from '../codec.ts'

/** Makes bytes of every block, which are no text: with it the checks show whether a store of blocks works with a codec. */
export const bytesCodec: Codec = {
  encode: (text) => new TextEncoder().encode(text).map(invert),
  decode(block) {
    if (typeof block === 'string') throw new TypeError('This block was stored as bytes, and is text')
    return new TextDecoder().decode(Uint8Array.from(block, invert))
  },
}

function invert(byte: number): number {
  return byte ^ 0xff
}
