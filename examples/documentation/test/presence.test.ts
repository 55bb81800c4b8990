import { fakeTime, scriptedStream } from '@streamdb/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { enterRoom, presenceState } from '../src/presence.ts'

test('[P6] presence: who falls silent is gone after half a minute, and who leaves at once', async () => {
  const time = fakeTime(vi, { now: Date.UTC(2026, 0, 1) })
  onTestFinished(() => time.restore())
  const stream = scriptedStream()
  const ada = await enterRoom('ada', stream.streamOptions)
  const grace = await enterRoom('grace', stream.streamOptions)
  const names = (): string[] => ada.present().map(({ user, status }) => `${user} ${status}`)
  let changes = 0
  onTestFinished(ada.subscribe(() => changes++))
  // A device that has said once that it is here, and whose battery is empty since.
  const value = { status: 'online', lastSeen: Date.now() } as const
  stream.send(presenceState.presence.upsert({ key: 'linus', value }))

  await time.advance(0)
  grace.setStatus('away')
  await time.advance(1_000)
  expect(names()).toEqual(['ada online', 'grace away', 'linus online'])
  const before = changes
  await time.advance(35_000)
  expect(names()).toEqual(['ada online', 'grace away'])
  expect(changes).toBeGreaterThan(before)

  await grace.leave()
  await time.advance(0)
  expect(names()).toEqual(['ada online'])
  await ada.leave()
  expect(stream.events.at(-1)).toMatchObject({ key: 'ada', headers: { operation: 'delete' } })
})
