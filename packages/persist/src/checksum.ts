/** How many characters the checksum takes. */
export const CHECKSUM_LENGTH = 8

const PRIME = 0x01000193

/** So many characters are looked at in one go; UTF-8 has at most three bytes for each. */
const PIECE = 64 * 1024

const encoder = new TextEncoder()
const words = new Uint32Array((PIECE * 3) / 4)
const bytes = new Uint8Array(words.buffer)

/** Returns the checksum by which blocks were written before: FNV-1a over characters. They are still there. */
export function olderChecksum(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), PRIME)
  return (hash >>> 0).toString(16).padStart(CHECKSUM_LENGTH, '0')
}

/**
 * Returns a checksum of a text, as text, which tells a torn or overwritten block from a whole one: FNV-1a over four bytes
 * of UTF-8 at a time. To ask for every character by itself takes three times as long.
 */
export function checksum(text: string): string {
  let hash = 0x811c9dc5 ^ text.length
  for (let start = 0; start < text.length; start += PIECE) {
    const { written } = encoder.encodeInto(text.slice(start, start + PIECE), bytes)
    // The last word may have bytes of the piece before.
    bytes.fill(0, written, Math.min(bytes.length, written + 3))
    const end = Math.ceil(written / 4)
    for (let index = 0; index < end; index++) {
      hash = Math.imul(hash ^ (words[index] ?? 0), PRIME)
      // Multiplication takes nothing from the upper bits down to the lower ones.
      hash ^= hash >>> 15
    }
  }
  return (hash >>> 0).toString(16).padStart(CHECKSUM_LENGTH, '0')
}
