import { createStreamDB } from '@streamdb/db'
import { decodeStateEvent, StateIssue, validateRow } from '@streamdb/state'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { createSessionState, sessionState } from '../src/index.ts'
import type { Delta, Message } from '../src/index.ts'

test('[A1] the entities of a session are collections, beside those of the application', () => {
  const state = createSessionState({
    todos: { schema: z.object({ id: z.string(), title: z.string() }), type: 'todo', primaryKey: 'id' },
  })
  expect(Object.values(state).map(({ type }) => type)).toEqual([
    ...['message', 'part', 'delta', 'run', 'step', 'approval', 'decision', 'branch', 'agent', 'participant'],
    ...['queueItem', 'attachment', 'document', 'todo'],
  ])
  const db = createStreamDB({ streamOptions: { url: 'http://localhost/session' }, state, startOnRead: false })
  expectTypeOf(db.collections.messages.get('1')).toExtend<Message | undefined>()
  expectTypeOf(db.collections.todos.get('1')?.title).toEqualTypeOf<string | undefined>()
  db.close()
})

test('[A1] a name or a type of the session is refused for a collection of the application', () => {
  const schema = z.object({ id: z.string() })
  expect(() => createSessionState({ messages: { schema, type: 'mine', primaryKey: 'id' } })).toThrow('own')
  expect(() => createSessionState({ mine: { schema, type: 'message', primaryKey: 'id' } })).toThrow('type')
})

test('[A1] a row is checked field by field; fields of a newer version are let through', () => {
  const message = { id: 'm', role: 'user' as const, author: 'ada', later: 1 }
  const event = sessionState.messages.insert({ value: message })
  expect(validateRow(event, sessionState.messages)).toBe(message)
  const wrong = { ...event, value: { id: 'm', role: 'user', author: 1 } }
  expect(validateRow(wrong, sessionState.messages)).toBeInstanceOf(StateIssue)
})

test('[A2] a delta is lean: its part follows from its key', () => {
  const event = sessionState.deltas.insert({ key: 'p:0', value: { text: 'Hi' } })
  expect(JSON.parse(JSON.stringify(event))).toEqual({
    type: 'delta',
    key: 'p:0',
    value: { text: 'Hi' },
    headers: { operation: 'insert' },
  })
  expect(decodeStateEvent(event)).not.toBeInstanceOf(StateIssue)
  expect(validateRow(event, sessionState.deltas)).toEqual({ id: 'p:0', text: 'Hi' } satisfies Delta)
})
