/** How many characters the checksum takes. */
export const CHECKSUM_LENGTH = 8

/** Returns a checksum of a text, as text: FNV-1a, which tells a torn or overwritten block from a whole one. */
export function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(CHECKSUM_LENGTH, '0')
}
