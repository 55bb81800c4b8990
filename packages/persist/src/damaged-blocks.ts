import type { BlockChange } from './blocks.ts'
import { claimPrefix, leaseKey, manifestKey, notePrefix } from './stored-manifest.ts'

/**
 * Returns what is to be changed in blocks of which some are missing, or older than they were.
 *
 * Rows that add up by chance are not to be shown: what is there in place of their head is none, so that the log is read
 * again, and says why. Unsent writes that can be read stay. What counts upwards goes on behind all that is known of it, and
 * the producer is a new one: a server would take a number that was used for a message that it has.
 */
export function afterDamage(keys: readonly string[], lease: string | undefined): BlockChange {
  const claims = keys.filter((key) => key.startsWith(claimPrefix)).map((key) => key.slice(claimPrefix.length))
  const epochs = [lease ?? '0', ...claims].map(Number).filter((epoch) => Number.isSafeInteger(epoch))
  return {
    put: [
      [manifestKey, 'damaged'],
      [leaseKey, String(Math.max(0, ...epochs))],
    ],
    remove: [`${notePrefix}producer`],
    isErased: true,
  }
}
