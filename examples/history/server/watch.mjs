import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Looking at five files takes well under a millisecond; a commit is seen this long after it is made, at most. */
const interval = 200
/** Git itself is asked now and then, should it write somewhere that `traces` does not know. */
const looksPerQuestion = 25

/**
 * Calls `changed` once at the start, and then when HEAD may have come to stand on another commit.
 *
 * Looks at the files' dates instead of asking the system to tell: that works on every system and for network folders,
 * and git replaces those files, which the usual watchers lose sight of. Rejects when `changed` does.
 * @param {Pick<import('./repository.mjs').Repository, 'traces'>} repository
 * @param {() => Promise<void>} changed Never called again before it is done.
 * @param {AbortSignal} signal Ends the watch.
 */
export async function watch(repository, changed, signal) {
  /** @type {string[]} */
  let files = []
  let seen = ''
  for (let look = 0; !signal.aborted; look += 1) {
    const now = await stamp(files)
    if (now !== seen || look % looksPerQuestion === 0) {
      // The stamp comes before the question: what is written in between is seen at the next look.
      files = await repository.traces()
      seen = await stamp(files)
      await changed()
    }
    await delay(interval, undefined, { signal }).catch(() => {}) // Aborted: the loop's condition says so.
  }
}

/**
 * Returns a text that changes when one of `files` is written, replaced, made or removed.
 * @param {readonly string[]} files
 */
async function stamp(files) {
  const stats = await Promise.all(files.map((file) => stat(file, { bigint: true }).catch(() => undefined)))
  return stats
    .map((found) => (found === undefined ? '-' : `${found.ino} ${found.size} ${found.mtimeNs}`))
    .join('\n')
}
