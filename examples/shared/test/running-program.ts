import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { untilTestEnds } from './lifetime.ts'
import type { Lifetime } from './lifetime.ts'
import { scratchFolder } from './scratch-folder.ts'

/** What a program printed, and its exit code. */
export interface Ending {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How a program runs: with which environment, and until when. */
export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly lifetime?: Lifetime | undefined
}

/** Runs a Node program as `npm start` does, and ends it with the test, or as `lifetime` says. */
export class RunningProgram {
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''

  constructor(
    program: string,
    options: readonly string[],
    { env = process.env, lifetime = untilTestEnds }: ProgramOptions = {},
  ) {
    // A program that is killed leaves its temporary folders behind.
    const ownEnv = { ...env, TMPDIR: scratchFolder(lifetime) }
    this.#child = spawn(process.execPath, [program, ...options], {
      env: ownEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.ended = once(this.#child, 'close').then(([code]: unknown[]) => ({
      code: typeof code === 'number' ? code : null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }))
    lifetime(() => this.kill())
  }

  /** The process's id. */
  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Resolves with the address that the program prints after `label`; rejects when it ends before. */
  async printedUrl(label: string): Promise<string> {
    for (;;) {
      const line = this.#stdout.split('\n').find((each) => each.startsWith(`${label}: `))
      if (line !== undefined && this.#stdout.includes(`${line}\n`)) return line.slice(label.length + 2)
      const ending = await Promise.race([this.ended, once(this.#child.stdout ?? this.#child, 'data')])
      if (!Array.isArray(ending)) throw new Error(`The program ended: ${ending.stderr}`)
    }
  }

  /** Asks the program to stop as Ctrl-C does, and returns how it ended. */
  async stop(): Promise<Ending> {
    this.#child.kill('SIGINT')
    return this.ended
  }

  /** Ends the program without asking. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}
