import { UsageError } from '@streamdb/example-shared/server'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { logArguments, parseCommits } from './commit-parser.mjs'
import { git, GitError, gitOutput } from './git.mjs'

const another = 'Choose another repository with: npm start -- --repo PATH'

/** A git repository, read only; every method returns its present state. */
export class Repository {
  /** The folder with this working tree's HEAD; identifies the repository. */
  gitDir
  /** The folder with the references that all working trees share. */
  commonDir
  name

  /**
   * @param {string} gitDir
   * @param {string} commonDir
   * @param {string} name
   */
  constructor(gitDir, commonDir, name) {
    this.gitDir = gitDir
    this.commonDir = commonDir
    this.name = name
  }

  /**
   * Finds the repository that contains `folder`; throws a `UsageError` when there is none, it has no commits, or git is
   * missing.
   * @param {string} folder
   */
  static async open(folder) {
    const found = await stat(folder).catch(() => undefined)
    if (!found?.isDirectory()) throw new UsageError(`${folder} is not a folder.\n${another}`)
    const question = ['rev-parse', '--absolute-git-dir', '--git-common-dir']
    const [gitDir, commonDir] = await git(['-C', folder, ...question]).then(
      (text) => text.split('\n'),
      (error) => refuse(folder, error),
    )
    if (gitDir === undefined || commonDir === undefined)
      throw new UsageError(`git has no repository at ${folder}.\n${another}`)
    // Git prints the common folder relative to the folder that it was run in.
    const repository = new Repository(gitDir, resolve(folder, commonDir), await nameOf(gitDir))
    if ((await repository.head()) === undefined) {
      throw new UsageError(
        `The git repository at ${folder} has no commits yet.\nCommit something, or: ${another}`,
      )
    }
    return repository
  }

  /** Returns the id of HEAD's commit; undefined when there is none (a new, empty branch). */
  async head() {
    return answer(this.#git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']))
  }

  /** Returns the current branch; undefined when HEAD is detached. */
  async branch() {
    return answer(this.#git(['symbolic-ref', '--short', '--quiet', 'HEAD']))
  }

  /**
   * Counts the commits that `id` reaches, itself included; undefined when there is no such commit.
   * @param {string} id
   */
  async count(id) {
    const text = await answer(this.#git(['rev-list', '--count', id]))
    return text === undefined ? undefined : Number(text)
  }

  /**
   * Tells whether `id` reaches `ancestor`.
   * @param {string} ancestor
   * @param {string} id
   */
  async reaches(ancestor, id) {
    return (await answer(this.#git(['merge-base', '--is-ancestor', ancestor, id]))) !== undefined
  }

  /**
   * Yields the commits that `id` reaches and `known` does not, parents first.
   * @param {string} id
   * @param {string | undefined} known
   * @param {AbortSignal} signal
   */
  commits(id, known, signal) {
    const range = known === undefined ? id : `${known}..${id}`
    return parseCommits(gitOutput(['--git-dir', this.gitDir, ...logArguments, range, '--'], signal))
  }

  /** Lists the files that git writes when HEAD moves to another commit. */
  async watchedFiles() {
    const reference = await answer(this.#git(['symbolic-ref', '--quiet', 'HEAD']))
    return [
      join(this.gitDir, 'HEAD'),
      join(this.gitDir, 'logs', 'HEAD'),
      join(this.commonDir, 'packed-refs'),
      join(this.commonDir, 'reftable', 'tables.list'),
      ...(reference === undefined ? [] : [join(this.commonDir, reference)]),
    ]
  }

  /** @param {readonly string[]} args */
  #git(args) {
    return git(['--git-dir', this.gitDir, ...args])
  }
}

/**
 * Returns undefined where git answers "no"; rejects for every other failure.
 * @param {Promise<string>} asked
 */
async function answer(asked) {
  try {
    return await asked
  } catch (error) {
    if (error instanceof GitError && (error.code === 1 || error.code === 128)) return undefined
    throw error
  }
}

/**
 * Returns the repository's name: from its origin's address, or from its folder.
 * @param {string} gitDir
 */
async function nameOf(gitDir) {
  const origin = await answer(git(['--git-dir', gitDir, 'config', '--get', 'remote.origin.url']))
  const folder = basename(gitDir) === '.git' ? dirname(gitDir) : gitDir
  return basename(origin?.replace(/[/\\:]+/g, '/') ?? folder).replace(/\.git$/, '') || 'repository'
}

/**
 * @param {string} folder
 * @param {unknown} error
 * @returns {never}
 */
function refuse(folder, error) {
  if (!(error instanceof GitError)) throw error
  if (error.code === 'ENOENT')
    throw new UsageError('git was not found. Install it, and see that it is on the PATH.')
  if (/not a git repository/.test(error.stderr))
    throw new UsageError(`${folder} is not a git repository.\n${another}`)
  throw new UsageError(`git cannot read ${folder}: ${error.stderr}\n${another}`)
}
