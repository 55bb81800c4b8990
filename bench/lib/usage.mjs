import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Returns a monotonic time in milliseconds that all processes of this machine share. */
export const now = () => Number(process.hrtime.bigint()) / 1e6

let ticks

/**
 * Returns what processes have used until now: `cpu` in seconds, user and system; `memory` in megabytes, resident at present.
 * Linux only. A process that is gone counts nothing.
 * @param {readonly number[]} pids
 */
export function usageOf(pids) {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  const all = pids.map((pid) => {
    try {
      // The name in parentheses may hold anything: what is behind it is separated by blanks.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const resident = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
      return {
        cpu: (Number(fields[11]) + Number(fields[12])) / ticks,
        memory: Number(resident?.[1] ?? 0) / 1024,
      }
    } catch {
      return { cpu: 0, memory: 0 }
    }
  })
  const sum = (name) => all.reduce((total, each) => total + each[name], 0)
  return { cpu: sum('cpu'), memory: sum('memory') }
}

/** Returns how many files this process, and those that it starts, may have open. */
export function fileLimit() {
  try {
    return Number(/^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
  } catch {
    return NaN
  }
}
