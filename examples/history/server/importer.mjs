import { History } from './history.mjs'

/** @typedef {import('./history.mjs').StateEvent} StateEvent */

/** One append carries about this many events: a large import shows its progress, and no append waits for long. */
const eventsPerAppend = 2_000

/** Brings a repository's history into a log, and the log after the history when that goes on or is rewritten. */
export class Importer {
  #repository
  #log
  #signal
  #history = new History()
  /** @type {string | undefined} */
  #head

  /**
   * @param {Pick<import('./repository.mjs').Repository, 'head' | 'count' | 'reaches' | 'commits'>} repository
   * @param {Pick<import('./log.mjs').Log, 'open' | 'renew' | 'append' | 'read'>} log
   * @param {AbortSignal} signal Ends an import; what is appended by then stays.
   */
  constructor(repository, log, signal) {
    this.#repository = repository
    this.#log = log
    this.#signal = signal
  }

  /** Reads what an earlier run left in the log. Comes before the first `update`, and before any reader. */
  async open() {
    await this.#log.open()
    this.#history = History.from(await this.#log.read())
    if (!this.#history.rewritten) return
    // Every page that is opened would read the void part too. Those open from last time ask for the new log.
    await this.#log.renew()
    this.#history = new History()
  }

  /** Brings the log to where HEAD is. One call must have ended before the next. */
  async update() {
    const head = await this.#repository.head()
    if (head === undefined || head === this.#head) return
    /** @type {StateEvent[]} */
    let pending = []
    if (!(await this.#continuesTo(head))) {
      // In one append with what follows: an open page goes from the old history to the new, and is never empty.
      if (this.#history.commits > 0) pending.push({ headers: { control: 'reset' } })
      this.#history = new History()
    }
    for await (const commit of this.#repository.commits(head, this.#history.lastCommitId, this.#signal)) {
      pending.push(...this.#history.record(commit))
      if (pending.length < eventsPerAppend) continue
      await this.#log.append(pending)
      pending = []
    }
    if (pending.length > 0) await this.#log.append(pending)
    this.#head = head
  }

  /**
   * Tells whether `head` only adds commits to those in the log.
   *
   * The last commit must still be reached, and it must reach as many commits as there are in the log: fewer, when an
   * import of branches that ran side by side was cut short; more, when a shallow clone was deepened.
   * @param {string} head
   */
  async #continuesTo(head) {
    const last = this.#history.lastCommitId
    if (last === undefined) return true
    if (!(await this.#repository.reaches(last, head))) return false
    return (await this.#repository.count(last)) === this.#history.commits
  }
}
