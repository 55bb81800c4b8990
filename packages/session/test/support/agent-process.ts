import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, onTestFinished } from 'vitest'

let folder: Promise<string> | undefined

afterAll(async () => {
  if (folder) await rm(await folder, { recursive: true })
})

/** Starts an agent in a Node process of its own; resolves when it has joined. It is killed with the test. */
export function startAgentProcess(...args: string[]): Promise<ChildProcess> {
  return startAgentWith({}, ...args)
}

/** The same, with variables of its environment. */
export async function startAgentWith(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<ChildProcess> {
  folder ??= bundle()
  const child = spawn(process.execPath, [join(await folder, 'agent.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

// Node 20 does not load TypeScript.
async function bundle(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'streamdb-agent-'))
  await build({
    entryPoints: [fileURLToPath(new URL('../programs/agent-process.ts', import.meta.url))],
    outfile: join(made, 'agent.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
  return made
}
