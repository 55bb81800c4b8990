import { createHash } from 'node:crypto'

/** @typedef {import('./commit-parser.mjs').Commit} Commit */
/** @typedef {{ id: string, authorId: string, subject: string, committedAt: string, filesChanged: number, files: string[], position: number }} CommitRow */
/** @typedef {{ id: string, name: string, commits: number, lastCommitAt: string }} AuthorRow */
/** @typedef {{ path: string, lastCommitId: string, changes: number }} FileRow */
/** @typedef {{ operation: 'insert' | 'update' | 'delete', txid: string, timestamp: string }} ChangeHeaders */
/** @typedef {{ type: 'commit' | 'author' | 'file', key: string, value?: object, headers: ChangeHeaders }} ChangeEvent */
/** @typedef {{ headers: { control: 'reset' } }} ResetEvent */
/** @typedef {ChangeEvent | ResetEvent} StateEvent */

/** A commit's row names this many of its files at most; it counts all of them. */
const maxFiles = 200

/** The state of a log of commits, as far as the events of the next commit depend on it. */
export class History {
  /** How many commits are in the log. */
  commits = 0
  /** @type {string | undefined} */
  lastCommitId
  /** Whether a part of the log is void, because the repository's history was rewritten. */
  rewritten = false
  /** @type {Map<string, AuthorRow>} */
  #authors = new Map()
  /** @type {Map<string, FileRow>} */
  #files = new Map()

  /**
   * Restores the state from the events that `record` returned.
   * @param {readonly StateEvent[]} events
   */
  static from(events) {
    let history = new History()
    for (const event of events) {
      if ('type' in event) history.#replay(event)
      else {
        history = new History()
        history.rewritten = true
      }
    }
    return history
  }

  /**
   * Adds the next commit, and returns its transaction: the commit, its author, its files.
   *
   * A file's row exists while the file does. A merge changes the files that differ from all of its parents; of the
   * others it only decides which exist afterwards, since the branches may differ in that.
   * @param {Commit} commit
   * @returns {ChangeEvent[]}
   */
  record(commit) {
    const headers = { txid: commit.id, timestamp: utc(commit.committedAt) }
    const sides = Math.max(commit.parents.length, 1)
    /** @type {ChangeEvent[]} */
    const files = []
    /** @type {string[]} */
    const changed = []
    for (const [path, { present, differs }] of commit.paths) {
      const touched = differs >= sides
      if (touched) changed.push(path)
      const old = this.#files.get(path)
      if (present && (touched || old === undefined)) {
        const value = { path, lastCommitId: commit.id, changes: (old?.changes ?? 0) + 1 }
        this.#files.set(path, value)
        files.push({ type: 'file', key: path, value, headers: { operation: write(old), ...headers } })
      } else if (!present && this.#files.delete(path)) {
        files.push({ type: 'file', key: path, headers: { operation: 'delete', ...headers } })
      }
    }

    this.commits += 1
    this.lastCommitId = commit.id
    const author = this.#credit(commit, headers.timestamp)
    const row = {
      ...{
        id: commit.id,
        authorId: author.value.id,
        subject: commit.subject,
        committedAt: headers.timestamp,
      },
      ...{ filesChanged: changed.length, files: changed.slice(0, maxFiles), position: this.commits },
    }
    return [
      { type: 'commit', key: row.id, value: row, headers: { operation: 'insert', ...headers } },
      {
        type: 'author',
        key: row.authorId,
        value: author.value,
        headers: { operation: author.operation, ...headers },
      },
      ...files,
    ]
  }

  /**
   * @param {Commit} commit
   * @param {string} committedAt
   */
  #credit(commit, committedAt) {
    const id = authorId(commit)
    const old = this.#authors.get(id)
    const lastCommitAt = old !== undefined && old.lastCommitAt > committedAt ? old.lastCommitAt : committedAt
    const value = { id, name: commit.authorName, commits: (old?.commits ?? 0) + 1, lastCommitAt }
    this.#authors.set(id, value)
    return { value, operation: write(old) }
  }

  /** @param {ChangeEvent} event */
  #replay({ type, key, value, headers }) {
    if (type === 'commit') {
      this.commits += 1
      this.lastCommitId = headers.txid
    } else if (value === undefined) this.#files.delete(key)
    else if (type === 'author') this.#authors.set(key, /** @type {AuthorRow} */ (value))
    else this.#files.set(key, /** @type {FileRow} */ (value))
  }
}

/**
 * @param {object | undefined} old
 * @returns {'insert' | 'update'}
 */
function write(old) {
  return old === undefined ? 'insert' : 'update'
}

/**
 * Converts to UTC, so that times can be compared as texts. Git allows malformed ones; they become its oldest.
 * @param {string} time
 */
function utc(time) {
  return new Date(Date.parse(time) || 0).toISOString()
}

/**
 * Returns an author's id: a hash, since the e-mail address must not be in a log that every page reads.
 * @param {Pick<Commit, 'authorEmail' | 'authorName'>} commit
 */
function authorId({ authorEmail, authorName }) {
  const identity = authorEmail.trim().toLowerCase() || authorName
  return createHash('sha256').update(identity).digest('hex').slice(0, 12)
}
