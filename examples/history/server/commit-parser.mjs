import { isUtf8 } from 'node:buffer'

/**
 * A commit as git prints it.
 * @typedef {object} Commit
 * @property {string} id
 * @property {readonly string[]} parents
 * @property {string} authorName
 * @property {string} authorEmail
 * @property {string} committedAt ISO 8601, in the committer's time zone.
 * @property {string} subject
 * @property {ReadonlyMap<string, PathChange>} paths
 */

/**
 * A path in a commit: whether its tree has it, and from how many of its parents' trees it differs.
 * @typedef {object} PathChange
 * @property {boolean} present
 * @property {number} differs
 */

/** The first field of a commit; no status letter, which may stand in its place, is as long. */
const mark = 'commit'
const fields = [mark, '%H', '%P', '%aN', '%aE', '%cI', '%s']

/**
 * The arguments with which git prints what `parseCommits` reads; a range or a commit follows. They name defaults too,
 * because a user's configuration may change them.
 *
 * - `--date-order --reverse`: the order of the log: no commit before its parents, otherwise by date.
 * - `-m`: compares a merge with each of its parents. A path that differs from all of them was changed by the merge
 *   itself; for the others it says whether the path exists after the merge.
 * - `--no-renames`: a rename deletes one path and creates another, as in the log.
 * - `-z`: prints paths without quotes.
 */
export const logArguments = [
  ...['-c', 'log.showRoot=true', '-c', 'log.showSignature=false', '-c', 'log.diffMerges=separate'],
  ...['-c', 'diff.relative=false', 'log', '--date-order', '--reverse', '-m', '-z', '--name-status'],
  ...[
    '--no-renames',
    '--no-ext-diff',
    '--ignore-submodules=none',
    '--no-color',
    '--no-notes',
    '--no-decorate',
  ],
  ...['--encoding=UTF-8', `--format=tformat:${fields.join('%x00')}`],
]

/**
 * Yields each commit as soon as it is complete; keeps one at a time.
 * @param {AsyncIterable<Buffer>} output
 * @returns {AsyncGenerator<Commit, void, void>}
 */
export async function* parseCommits(output) {
  /** @type {(Commit & { paths: Map<string, PathChange> }) | undefined} */
  let commit
  /** @type {string[]} */
  let header = []
  let status = ''
  for await (const batch of tokens(output)) {
    for (const token of batch) {
      if (header.length > 0) {
        header.push(token)
        if (header.length < fields.length) continue
        const next = readHeader(header)
        header = []
        // `-m` repeats the header before the comparison with each further parent.
        if (commit?.id === next.id) continue
        if (commit !== undefined) yield commit
        commit = next
      } else if (status !== '') {
        const differs = (commit?.paths.get(token)?.differs ?? 0) + 1
        commit?.paths.set(token, { present: status !== 'D', differs })
        status = ''
      } else if (token === mark) header.push(token)
      else status = token.trimStart() // A newline separates a header from its first status.
    }
  }
  if (commit !== undefined) yield commit
}

/** @param {readonly string[]} header */
function readHeader([
  ,
  id = '',
  parents = '',
  authorName = '',
  authorEmail = '',
  committedAt = '',
  subject = '',
]) {
  return {
    ...{ id, authorName, authorEmail, committedAt, subject },
    parents: parents === '' ? [] : parents.split(' '),
    paths: new Map(),
  }
}

/**
 * Yields the NUL-terminated texts, those of one chunk together.
 * @param {AsyncIterable<Buffer>} output
 */
async function* tokens(output) {
  /** @type {Buffer} */
  let rest = Buffer.alloc(0)
  for await (const chunk of output) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const batch = []
    let start = 0
    for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
      batch.push(decode(bytes.subarray(start, end)))
      start = end + 1
    }
    rest = bytes.subarray(start)
    yield batch
  }
}

/**
 * Git stores bytes. Those that are not UTF-8 are written as `\xNN`, so that different names stay different.
 * @param {Buffer} bytes
 */
function decode(bytes) {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  return bytes.toString('latin1').replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`)
}
