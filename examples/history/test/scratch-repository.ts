import { scratchFolder } from '@streamdb/example-shared/testing'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A git repository in a folder of its own, with a clock that moves one minute a commit. */
export class ScratchRepository {
  readonly path: string
  #minutes = 0

  constructor(path: string = scratchFolder()) {
    this.path = path
    this.git('init', '--quiet', '--initial-branch=main')
  }

  /** Runs git here, away from the machine's own settings, and returns what it printed. */
  git(...args: readonly string[]): string {
    return this.pipe(args, '')
  }

  /** Runs git with something to read. */
  pipe(args: readonly string[], input: string | Buffer): string {
    const date = new Date(Date.UTC(2026, 0, 1, 0, this.#minutes)).toISOString()
    return execFileSync('git', ['-C', this.path, ...args], {
      ...{ input, encoding: 'utf8', stdio: 'pipe' },
      env: {
        ...{
          PATH: process.env['PATH'],
          HOME: this.path,
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
        },
        ...{ GIT_AUTHOR_NAME: 'User One', GIT_AUTHOR_EMAIL: 'one@example.invalid', GIT_AUTHOR_DATE: date },
        ...{
          GIT_COMMITTER_NAME: 'User One',
          GIT_COMMITTER_EMAIL: 'one@example.invalid',
          GIT_COMMITTER_DATE: date,
        },
      },
    }).trimEnd()
  }

  /** Writes files, where a content of `undefined` removes one, commits everything, and returns the commit's id. */
  commit(
    subject: string,
    files: Readonly<Record<string, string | undefined>> = {},
    ...options: string[]
  ): string {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name)
      mkdirSync(dirname(path), { recursive: true })
      if (content === undefined) rmSync(path)
      else writeFileSync(path, content)
    }
    this.#minutes += 1
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '--message', subject, ...options)
    return this.head()
  }

  /** Merges branches into the current one, always with a commit. */
  merge(branches: readonly string[], ...options: string[]): string {
    this.#minutes += 1
    this.git(
      'merge',
      '--quiet',
      '--no-ff',
      '--message',
      `Merge ${branches.join(' and ')}`,
      ...options,
      ...branches,
    )
    return this.head()
  }

  head(): string {
    return this.git('rev-parse', 'HEAD')
  }

  /** The paths in HEAD's tree, sorted. */
  paths(): string[] {
    return this.git('ls-tree', '-r', '-z', '--name-only', 'HEAD').split('\0').filter(Boolean).sort()
  }
}
