import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'

/** Whoever holds a lock. */
interface Owner {
  readonly pid: number
  readonly thread: number
  /** When the process was started, where the system says so: another one may have its number by now. */
  readonly started: string | undefined
  /** The system's number of the thread, and when that was started: a worker may end, and its process go on. */
  readonly task?: string | undefined
  readonly taskStarted?: string | undefined
}

const mostAttempts = 5

/**
 * Takes a lock, or throws where another process that runs holds it. One that was killed holds none. Returns what
 * releases it.
 *
 * Whoever wants it writes a file of its own, `path` with something random behind it, and then looks for those of others: of
 * two that come at the same time, the one that looks later sees the other. A file is removed by its owner, or when that is
 * dead: with one file for all, what was read of it may be another one by the time that it is removed.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const started = (await statOf(String(process.pid)))?.started
  const own: Owner = { pid: process.pid, thread: threadId, started, ...currentTask() }
  let holder: Owner | undefined
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const file = `${path}.${randomUUID().slice(0, 8)}`
    await writeFile(file, JSON.stringify(own), { flag: 'wx' })
    const dead: string[] = []
    holder = undefined
    for (const other of await filesOf(path)) {
      if (other === file) continue
      // One that is being written, or was not written to its end: its owner looks later, and sees this one.
      const owner = toOwner(await readFile(other, 'utf8').catch(() => ''))
      if (owner !== undefined && (await isRunning(owner, own))) holder = owner
      else dead.push(other)
    }
    if (holder === undefined) {
      for (const other of dead) await rm(other, { force: true })
      return () => rm(file, { force: true })
    }
    await rm(file, { force: true })
    // Another one that tries may be about to step back, as this one does.
    if (attempt + 1 < mostAttempts)
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 30))
  }
  const who = holder?.pid === own.pid ? 'another thread of this process' : `process ${holder?.pid ?? 0}`
  throw new Error(`it is in use by ${who}: one thread of one process at a time keeps a stream in a directory`)
}

/** Returns the lock files at a path; those of earlier versions have nothing behind it. */
async function filesOf(path: string): Promise<string[]> {
  const name = basename(path)
  const names = await readdir(dirname(path))
  return names
    .filter((each) => each === name || each.startsWith(`${name}.`))
    .map((each) => join(dirname(path), each))
}
function toOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null // as it was written, or it is none
    return typeof owner?.pid === 'number' ? (owner as Owner) : undefined // as just said
  } catch {
    return undefined
  }
}

async function isRunning({ pid, thread, started, task, taskStarted }: Owner, own: Owner): Promise<boolean> {
  // This thread holds no lock that it does not know of: the owner had the same number, in another life of the machine.
  if (pid === own.pid) {
    if (thread === own.thread || started !== own.started) return false
    return task === undefined || (await statOf(`${pid}/task/${task}`))?.started === taskStarted
  }
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false // of a signal
  }
  const now = await statOf(String(pid))
  // One that was killed, and whose parent did not ask for it yet.
  if (now?.state === 'Z') return false
  return now === undefined || started === undefined || now.started === started
}

/** What the system says of a process or a thread. */
interface Stat {
  readonly state: string | undefined
  readonly started: string | undefined
}

/** Returns whether a process runs and when it was started, in the system's own words; nothing where it does not say. */
async function statOf(process: string): Promise<Stat | undefined> {
  const stat = await readFile(`/proc/${process}/stat`, 'utf8').catch(() => undefined)
  return stat === undefined ? undefined : toStat(stat)
}

function toStat(stat: string): Stat {
  // Behind the name, which may hold anything: the 3rd field, and the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], started: fields[19] }
}

/** Returns the system's number of this thread; read by the thread itself, as others do what is asynchronous. */
function currentTask(): Pick<Owner, 'task' | 'taskStarted'> {
  try {
    const stat = readFileSync('/proc/thread-self/stat', 'utf8')
    return { task: stat.slice(0, stat.indexOf(' ')), taskStarted: toStat(stat).started }
  } catch {
    return {} // another system
  }
}
