import { History } from './history.mjs'

/** @typedef {import('./history.mjs').StateEvent} StateEvent */

/** The events per append: few enough for an import to show its progress, and for short requests. */
const eventsPerAppend = 2_000

/** Writes a repository's history into a log, and keeps the log up to date when commits are added or rewritten. */
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
   * @param {AbortSignal} signal Ends an import; what is appended by then remains.
   */
  constructor(repository, log, signal) {
    this.#repository = repository
    this.#log = log
    this.#signal = signal
  }

  /** Reads the log of an earlier run. Call it before the first `update`, and before any reader opens the log. */
  async open() {
    await this.#log.open()
    this.#history = History.from(await this.#log.read())
    if (!this.#history.rewritten) return
    // Every new page would read the void part too. Pages still open from the last run ask for the new log.
    await this.#log.renew()
    this.#history = new History()
  }

  /** Brings the log up to HEAD. Await each call before the next. */
  async update() {
    const head = await this.#repository.head()
    if (head === undefined || head === this.#head) return
    /** @type {StateEvent[]} */
    let pending = []
    if (!(await this.#continuesTo(head))) {
      // In one append with the new history, so that an open page is never empty in between.
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
   * `head` must reach the last commit in the log, and that must reach exactly the commits in the log: it reaches fewer
   * when an import of parallel branches was interrupted, and more when a shallow clone was deepened.
   * @param {string} head
   */
  async #continuesTo(head) {
    const last = this.#history.lastCommitId
    if (last === undefined) return true
    if (!(await this.#repository.reaches(last, head))) return false
    return (await this.#repository.count(last)) === this.#history.commits
  }
}
