import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { openSession } from '../src/index.ts'
import { newSessionUrl, open } from './support/sessions.ts'

/** Timers that keep this process from ending. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}

test('[A83] a session that is opened and closed again and again leaves no timer', async () => {
  const url = await newSessionUrl()
  await (await open(url, 'host')).send('Hello')
  const before = timers()
  for (let round = 0; round < 60; round++) {
    const session = openSession({ url, me: { id: 'ada' } })
    // Some are closed before anything came, some when they are loaded and shown, with an agent or without.
    if (round % 3 > 0) await session.preload()
    const view = session.view({ limit: 10 })
    view.subscribe(() => undefined)
    if (round % 3 === 2) void session.agent({ name: 'bot', triggers: ['mention'], handle: () => undefined })
    session.close()
  }
  await eventually(() => expect(timers()).toBeLessThan(before + 10))
})
