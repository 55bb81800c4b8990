import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** How often the files are checked, in milliseconds; a check of five files takes well under one. */
const interval = 200
/** After so many checks git is asked in any case, should it write to a file that `watchedFiles` does not list. */
const checksPerQuestion = 25

/**
 * Calls `changed` once at the start, and then whenever HEAD may have moved to another commit; rejects when it does.
 *
 * Polls the files' dates: that works on every system and in network folders, and git replaces these files, which file
 * watchers lose track of.
 * @param {Pick<import('./repository.mjs').Repository, 'watchedFiles'>} repository
 * @param {() => Promise<void>} changed Never called again before it has resolved.
 * @param {AbortSignal} signal Ends the watch.
 */
export async function watch(repository, changed, signal) {
  /** @type {string[]} */
  let files = []
  let seen = ''
  for (let check = 0; !signal.aborted; check += 1) {
    const now = await stamp(files)
    if (now !== seen || check % checksPerQuestion === 0) {
      // The stamp is taken before the question, so that a write in between is seen at the next check.
      files = await repository.watchedFiles()
      seen = await stamp(files)
      await changed()
    }
    await delay(interval, undefined, { signal }).catch(() => {}) // Aborted: the loop ends.
  }
}

/**
 * Returns a text that changes when one of `files` is written, replaced, created or removed.
 * @param {readonly string[]} files
 */
async function stamp(files) {
  const stats = await Promise.all(files.map((file) => stat(file, { bigint: true }).catch(() => undefined)))
  return stats
    .map((found) => (found === undefined ? '-' : `${found.ino} ${found.size} ${found.mtimeNs}`))
    .join('\n')
}
