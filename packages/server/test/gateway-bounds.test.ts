import { expect, test } from 'vitest'
import { PendingBytes } from '../src/gateway/pending-bytes.ts'
import { parseStreamName } from '../src/gateway/stream-name.ts'
import type { StreamName } from '../src/gateway/stream-name.ts'
import { Streams } from '../src/gateway/streams.ts'

test('[GW21] the bodies of all are bounded, and those of one principal, who leaves room for others', () => {
  const pending = new PendingBytes({ all: 100, each: 60 })
  const giveBack = pending.take('ada', 60)
  expect(() => pending.take('ada', 1)).toThrow('Too many of your bodies')
  const giveOther = pending.take('grace', 40)
  expect(() => pending.take('edsger', 1)).toThrow('Too many bodies')
  giveBack()
  pending.take('ada', 30)()
  giveOther()
  expect(() => pending.take('ada', 61)).toThrow('Too many of your bodies')
  pending.take('edsger', 60)
})

test('[GW10] names of no stream push none out that is there', () => {
  const opened: string[] = []
  const open = (stream: StreamName): { log: never; writer: never } => {
    opened.push(stream.name)
    // What lets go looks at these two alone.
    return { log: { size: 10 }, writer: { isIdle: true } } as unknown as {
      log: never
      writer: never
    }
  }
  const streams = new Streams(open, { streams: 2, bytes: 1_000, idle: 60_000 })
  const name = (text: string): StreamName => parseStreamName(`/${text}`, '/')
  streams.use(name('room'))
  for (let made = 0; made < 10; made++) {
    streams.use(name(`made-up-${made}`))
    streams.noteMissing(name(`made-up-${made}`))
  }
  streams.letGo()
  expect(streams.size).toBe(1)
  streams.use(name('room'))
  expect(opened.filter((each) => each === 'room')).toHaveLength(1)
})
