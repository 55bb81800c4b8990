import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { CaretStamps } from '../server/caret-stamps.mjs'

const path = '/v1/yjs/sessions/docs/stream/sessions/a/documents/notes'
const nameOf = (id: string): string => id.toUpperCase()

/** A window of a document, which says where it writes. */
function openWindow(state: Record<string, unknown>): Awareness {
  const awareness = new Awareness(new Y.Doc())
  awareness.setLocalState(state)
  return awareness
}

/** A frame as the client sends one: its length, then its bytes. */
function frame(update: Uint8Array): Uint8Array {
  const length = []
  let rest = update.length
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128)
  return Uint8Array.from([...length, rest, ...update])
}

/** Returns what others see of the windows that a body tells of. */
function readStates(body: Uint8Array | undefined): unknown[] {
  const reader = new Awareness(new Y.Doc())
  let at = 0
  while (body !== undefined && at < body.length) {
    let [length, shift] = [0, 0]
    for (; ; shift += 7) {
      const byte = body[at++] ?? 0
      length += (byte & 127) * 2 ** shift
      if (byte < 128) break
    }
    applyAwarenessUpdate(reader, body.subarray(at, at + length), 'test')
    at += length
  }
  const states = [...reader.getStates()].filter(([window]) => window !== reader.clientID)
  reader.destroy()
  return states.map(([, state]) => state)
}

/** What a window sends of itself. */
function sent(awareness: Awareness): Uint8Array {
  return frame(encodeAwarenessUpdate(awareness, [awareness.clientID]))
}

test('[HO7] a caret has the name of whoever has sent it, whatever its window says', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), fc.jsonValue(), (name, caret) => {
      const window = openWindow({ user: { id: 'ada', name, color: '#123456' }, caret })
      const stamped = new CaretStamps(nameOf).stamp(sent(window), { path, user: 'grace' })
      const expected = JSON.parse(JSON.stringify({ color: '#123456', id: 'grace', name: 'GRACE' })) as unknown
      expect(readStates(stamped)).toMatchObject([{ user: expected }])
      window.destroy()
    }),
    { numRuns: 50 },
  )
})

test('[HO7] nobody speaks for the window of somebody else, nor takes its caret away', () => {
  const carets = new CaretStamps(nameOf)
  const window = openWindow({ user: { id: 'ada', name: 'Ada' } })
  expect(carets.stamp(sent(window), { path, user: 'ada' })).toBeDefined()
  expect(carets.stamp(sent(window), { path, user: 'grace' })).toBeUndefined()
  window.setLocalState(null)
  expect(carets.stamp(sent(window), { path, user: 'grace' })).toBeUndefined()
  expect(readStates(carets.stamp(sent(window), { path, user: 'ada' }))).toEqual([])
  // In another document it is another one.
  expect(carets.stamp(sent(window), { path: `${path}2`, user: 'grace' })).toBeDefined()
  window.destroy()
})

test('[HO7] what is no such message is not passed on, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
      const stamped = new CaretStamps(nameOf).stamp(body, { path, user: 'ada' })
      for (const state of readStates(stamped)) expect(state).toMatchObject({ user: { id: 'ada' } })
    }),
  )
})
