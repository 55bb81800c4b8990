import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFileBlocks } from '../src/node/index.ts'
import { createStreamStore } from '../src/index.ts'
import { buildProgram } from './build-program.ts'

const rounds = 40

test('[S2] a process that is killed at any moment leaves a store that loads, at a whole checkpoint', async () => {
  const { directory, program } = await buildProgram(new URL('./programs/save-for-ever.ts', import.meta.url))
  let last = 0
  for (let round = 0; round < rounds; round++) {
    const acknowledged = await runAndKill(program, join(directory, 'store'), last, 5 + ((round * 37) % 220))
    const opened = await createStreamStore(createFileBlocks(join(directory, 'store'))).open('a stream')
    const content = await opened.load()
    if (content === undefined) {
      // Killed before the first save.
      expect(acknowledged).toBe(0)
      opened.close()
      continue
    }
    last = Number(content.head.checkpoint.offset)
    // What was acknowledged is there; the one that was under way may be.
    expect(last).toBeGreaterThanOrEqual(acknowledged)
    expect(last).toBeLessThanOrEqual(acknowledged + 1)
    const saved = new Map<string, number>()
    for await (const rows of content.rows) {
      for (const [, key, value] of rows) saved.set(key, (value as { round: number }).round) // as it was saved
    }
    expect(saved.size).toBe(6000)
    for (let row = 0; row < 6000; row++) expect(saved.get(`r${row}`)).toBe(lastRoundOf(row, last, saved))
    opened.close()
  }
  expect(last).toBeGreaterThan(rounds)
})

/** Which round wrote a row last, of those until `last`: the first one of a store replaces as well. */
function lastRoundOf(row: number, last: number, saved: ReadonlyMap<string, number>): number {
  for (let round = last; round > last - 7; round--) {
    if (round % 7 === 0 || round === 1 || row % 3 === round % 3) return round
  }
  return saved.get(`r${row}`) ?? -1
}

/** Runs the program, kills it after some milliseconds of saving, and returns the last round that it acknowledged. */
async function runAndKill(program: string, directory: string, from: number, ms: number): Promise<number> {
  const child = spawn(process.execPath, [program, directory, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const isFirst = output === ''
      output += String(chunk)
      if (isFirst) setTimeout(resolve, ms)
    })
  })
  child.kill('SIGKILL')
  await exited
  const numbers = output.split('\n').filter((line) => /^\d+$/.test(line))
  return Math.max(from, Number(numbers.at(-1) ?? 0))
}
