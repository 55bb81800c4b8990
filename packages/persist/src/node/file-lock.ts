import { open, readFile, rm } from 'node:fs/promises'
import { threadId } from 'node:worker_threads'

/** Whoever holds a lock. */
interface Owner {
  readonly pid: number
  readonly thread: number
  /** When the process was started, where the system says so: another one may have its number by now. */
  readonly started: string | undefined
}

/**
 * Takes a lock file, or throws where another process that runs holds it. One that was killed holds none. Returns what
 * releases it.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const own: Owner = { pid: process.pid, thread: threadId, started: await startOf(process.pid) }
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(JSON.stringify(own))
      await file.close()
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // of a file operation
    }
    const text = await readFile(path, 'utf8').catch(() => '')
    const owner = toOwner(text)
    if (owner !== undefined && (await isRunning(owner, own))) {
      throw new Error(
        `it is in use by process ${owner.pid}: one process at a time keeps a stream in a directory`,
      )
    }
    // One that was not written to its end may be in the making.
    if (owner === undefined && attempt < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    else if (text === (await readFile(path, 'utf8').catch(() => undefined))) await rm(path, { force: true })
  }
  throw new Error('it is in use by other processes')
}

function toOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null // as it was written, or it is none
    return typeof owner?.pid === 'number' ? (owner as Owner) : undefined // as just said
  } catch {
    return undefined
  }
}

async function isRunning({ pid, thread, started }: Owner, own: Owner): Promise<boolean> {
  // This thread holds no lock that it does not know of: the owner had the same number, in another life of the machine.
  if (pid === own.pid) return thread !== own.thread && started === own.started
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false // of a signal
  }
  const now = await startOf(pid)
  return now === undefined || started === undefined || now === started
}

/** Returns when a process was started, in the system's own words; nothing where it does not say. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // Behind the name, which may hold anything: the 22nd field is the 20th.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
