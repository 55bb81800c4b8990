import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

/** The program in one file: Node 20 does not load TypeScript. */
let program: Promise<string> | undefined

/** Starts an agent in a Node process of its own; resolves when it has joined. It is killed with the test. */
export function startAgentProcess(...args: string[]): Promise<ChildProcess> {
  return startAgentWith({}, ...args)
}

/** The same, with variables of its environment. */
export async function startAgentWith(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'streamdb-agent-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'agent.mjs')
  await writeFile(file, await (program ??= bundle()))
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../programs/agent-process.ts', import.meta.url))],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
  return outputFiles.map(({ text }) => text).join('')
}
