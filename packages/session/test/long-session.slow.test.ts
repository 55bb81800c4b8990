import { eventually, runProgram } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { openSession } from '../src/index.ts'
import { newSessionUrl, open } from './support/sessions.ts'

/** Timers that keep this process from ending. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}

test('[A83] a thousand sessions that are opened and closed leave no timer', async () => {
  const url = await newSessionUrl()
  await (await open(url, 'host')).send('Hello')
  const before = timers()
  for (let round = 0; round < 1_000; round++) {
    const session = openSession({ url, me: { id: 'ada' } })
    session.view({ limit: 10 }).subscribe(() => undefined)
    // Most are closed before anything came; some when they are loaded.
    if (round % 20 === 0) await session.preload()
    session.close()
  }
  await eventually(() => expect(timers()).toBeLessThan(before + 10))
})

test('[A88] a session of 10,000 messages needs less than five times the memory of its rows, and gives it back', async () => {
  const program = new URL('./programs/session-memory.ts', import.meta.url)
  const stdout = await runProgram(program, { args: ['10000'], nodeArgs: ['--expose-gc'] })
  const { plain, session, left, shown, rows } = JSON.parse(stdout) as Record<string, number>
  console.info(`[A88] ${rows} rows: plain ${plain}, session ${session}, left ${left} bytes`)
  expect([rows, shown]).toEqual([25_000, 10_000])
  expect((session ?? NaN) / (plain ?? NaN)).toBeLessThan(5)
  expect((left ?? NaN) / (plain ?? NaN)).toBeLessThan(0.2)
}, 60_000)
