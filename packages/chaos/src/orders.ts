import { writeFileSync } from 'node:fs'

/** What a process is told: its role's options as its first argument, then one message after the other. */
export function optionsOf<Options>(): Options {
  return JSON.parse(process.argv[2] ?? '{}') as Options // what scripts/chaos writes
}

/** Tells the parent that the process is as far as it says. */
export function report(message: 'ready' | 'stopped' | 'finished'): void {
  process.send?.(message)
}

/** Resolves with the next message of this name. */
export function order(name: 'stop' | 'finish'): Promise<{ readonly last: number }> {
  return new Promise((resolve) => {
    process.on('message', (message: { name: string; last?: number }) => {
      if (message.name === name) resolve({ last: message.last ?? 0 })
    })
  })
}

/** Writes what the process has seen, for the verdict. */
export function save(file: string, value: unknown): void {
  writeFileSync(file, JSON.stringify(value))
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}

/** Without its parent a process has no purpose. */
process.on('disconnect', () => process.exit(1))
