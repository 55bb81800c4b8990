import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'

/** What a process printed, and how it ended. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string | undefined
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** The standard input stays open, for keys. */
  readonly keepsInput?: boolean | undefined
}

/** A process that goes on. */
export interface RunningCli {
  readonly child: ChildProcessWithoutNullStreams
  /** Resolves when what it printed, on either output, matches; rejects when it ended before. */
  waitFor(pattern: RegExp | string): Promise<RegExpMatchArray>
  readonly outcome: Promise<Outcome>
  stop(signal?: NodeJS.Signals): Promise<Outcome>
}

/** The built command line. */
export interface Cli {
  readonly main: string
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>
  start(args: readonly string[], options?: RunOptions): RunningCli
  remove(): Promise<void>
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Stands for the inspector's page, which takes seconds to be built; scripts/check-installs.mjs asks for the real one. */
const pageStub: Plugin = {
  name: 'page-stub',
  setup({ onLoad }) {
    onLoad({ filter: /devtools[\\/]src[\\/]page[\\/]files\.ts$/ }, () => ({
      contents: `export const pageDocument = async () => ({ html: '<title>Inspector</title>', scriptHashes: [] })`,
    }))
  },
}

/** Builds the command line as it is published, but in one file: workspace packages are sources. */
export async function buildCli(): Promise<Cli> {
  // Node finds the packages that are not in the file from here.
  const folder = await mkdtemp(join(root, 'node_modules/.test-'))
  const main = join(folder, 'dist/main.js')
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'))
  await build({
    entryPoints: [join(root, 'src/main.ts')],
    outfile: main,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@durable-streams/server', 'commander', 'cli-progress', 'picocolors', 'esbuild'],
    logLevel: 'warning',
    plugins: [pageStub],
  })
  const start = (args: readonly string[], options: RunOptions = {}): RunningCli =>
    follow(spawnNode([main, ...args], options), options)
  return {
    main,
    start,
    run: (args, options) => start(args, options).outcome,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

function spawnNode(
  args: readonly string[],
  { cwd = root, env = {} }: RunOptions,
): ChildProcessWithoutNullStreams {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env
  return spawn(process.execPath, args, { cwd, env: { ...inherited, ...env } })
}

/** Follows what a process prints. */
export function follow(
  child: ChildProcessWithoutNullStreams,
  { input = '', keepsInput = false }: RunOptions = {},
): RunningCli {
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  const changed = (): void => watchers.forEach((watch) => watch())
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    changed()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    changed()
  })
  // A process that ends early reads no more.
  child.stdin.on('error', () => undefined)
  if (!keepsInput) child.stdin.end(input)
  const outcome = new Promise<Outcome>((resolve) => {
    child.on('close', (code) => {
      resolve({ code, stdout, stderr })
      changed()
    })
  })
  return {
    child,
    outcome,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const match = (stdout + stderr).match(pattern)
          if (match !== null) resolve(match)
          else if (child.exitCode === null && child.signalCode === null) return
          else reject(new Error(`The process ended without ${String(pattern)}: ${stdout}${stderr}`))
          watchers.delete(watch)
        }
        watchers.add(watch)
        watch()
      }),
    stop(signal = 'SIGINT') {
      child.kill(signal)
      return outcome
    },
  }
}
