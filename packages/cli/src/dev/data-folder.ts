import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CliError } from '../cli-error.ts'

/** The folder in which a server stores its streams, while this process has it. */
export interface DataFolder {
  readonly path: string
  /** Says where the server listens, so that the next process finds it. */
  claim(url: string): Promise<void>
  release(): Promise<void>
}

/**
 * Opens a folder for one server. Throws `data-in-use` where another has it, as two would damage what is stored, and `file`
 * where it cannot be made.
 */
export async function openDataFolder(given: string): Promise<DataFolder> {
  const path = resolve(given)
  const claim = join(path, 'server.json')
  try {
    await mkdir(path, { recursive: true })
    // What is stored is nothing for a repository; a folder that had one keeps it.
    await writeFile(join(path, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined)
  } catch (cause) {
    throw new CliError('file', `The data directory ${path} cannot be made: ${String(cause)}`, { cause })
  }
  const owner = await readOwner(claim)
  if (owner !== undefined && (await isRunning(owner))) {
    throw new CliError('data-in-use', `Another server has the data directory ${path}: ${owner.url}`, {
      remedy: 'Use that one, stop it first, or pass another --data',
    })
  }
  return {
    path,
    claim: (url) => writeFile(claim, JSON.stringify({ pid: process.pid, url })),
    release: () => rm(claim, { force: true }),
  }
}

interface Owner {
  readonly pid: number
  readonly url: string
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    const { pid, url } = JSON.parse(await readFile(file, 'utf8')) as Partial<Owner>
    return typeof pid === 'number' && typeof url === 'string' ? { pid, url } : undefined
  } catch {
    return undefined
  }
}

/** A process that was killed leaves its claim, and its id may be another's by now: its address has to answer, too. */
async function isRunning({ pid, url }: Owner): Promise<boolean> {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  )
}
