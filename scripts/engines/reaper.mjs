// @ts-check
import { spawn } from 'node:child_process'

/**
 * Kills what is noted when this process ends, however it ends: it reads `+ PID` and `- PID` from a pipe, whose other end is
 * here alone.
 */
const program = `
pids=' '
while read -r sign pid; do
  pids=$(printf '%s' "$pids" | sed "s/ $pid / /")
  [ "$sign" = + ] && pids="$pids$pid "
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
`

/** @type {import('node:child_process').ChildProcess | undefined} */
let reaper

/**
 * Sees to it that a process is gone when this one ends, by SIGKILL too. Returns a function that is called when the process
 * has ended by itself: its id may be another's afterwards.
 * @param {number} pid
 */
export function killWithUs(pid) {
  // A group of its own: Ctrl+C in a terminal goes to the whole group of this process.
  reaper ??= spawn('sh', ['-c', program], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  reaper.unref()
  const { stdin } = reaper
  // A pipe of a child is a socket, which would keep this process running.
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  stdin?.write(`+ ${pid}\n`)
  return () => void stdin?.write(`- ${pid}\n`)
}
