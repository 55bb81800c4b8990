import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Runs git and returns what it printed, without the last line's end; rejects with a `GitError`.
 * @param {readonly string[]} args
 * @returns {Promise<string>}
 */
export function git(args) {
  return new Promise((resolve, reject) => {
    execFile('git', args, { env: environment() }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.replace(/\n$/, ''))
      else reject(new GitError(args, error.code ?? error.signal ?? 'unknown', stderr, { cause: error }))
    })
  })
}

/**
 * Runs git and yields its output as it arrives, with backpressure.
 * @param {readonly string[]} args
 * @param {AbortSignal} signal Ends git and the iteration.
 * @returns {AsyncGenerator<Buffer, void, void>}
 */
export async function* gitOutput(args, signal) {
  const child = spawn('git', args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'], signal })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const ended = once(child, 'close')
  // A reader that stops early does not await `ended`; its rejection must not count as unhandled.
  ended.catch(() => {})
  try {
    for await (const chunk of child.stdout) yield chunk
    const [code] = await ended
    if (code !== 0) throw new GitError(args, code, stderr)
  } finally {
    child.kill()
  }
}

/** A failed run of git; `code` is its exit code, or the reason why it did not start (`ENOENT`: no git). */
export class GitError extends Error {
  /** @override */
  name = 'GitError'

  /**
   * @param {readonly string[]} args
   * @param {string | number} code
   * @param {string} stderr
   * @param {ErrorOptions} [options]
   */
  constructor(args, code, stderr, options) {
    super(`git ${args.join(' ')} failed (${code}): ${stderr.trim()}`, options)
    this.code = code
    this.stderr = stderr.trim()
  }
}

/** Removes the variables of a surrounding git hook or alias, which would direct every command to its repository. */
function environment() {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' }
  for (const name of [
    'GIT_DIR',
    'GIT_WORK_TREE',
    'GIT_INDEX_FILE',
    'GIT_COMMON_DIR',
    'GIT_PREFIX',
    'GIT_NAMESPACE',
  ]) {
    delete env[name]
  }
  return env
}
