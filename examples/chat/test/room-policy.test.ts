import { expect, test } from 'vitest'
import { authorizeRoom } from '../gateway/room-policy.ts'
import type { RoomWrite } from '../gateway/room-policy.ts'
import { state } from '../src/state.ts'

const ada = { id: 'ada' }
const rows = { get: () => undefined, headers: () => undefined, entries: () => [][Symbol.iterator]() }
const message = (authorId: string) => ({ id: 'm', authorId, text: 'Hello', sentAt: 1 })
const reaction = (userId: string) => ({ id: `m/${userId}/👍`, messageId: 'm', userId, emoji: '👍' })
const typing = (userId: string) => ({ userId, until: 1 })
const receipt = (userId: string) => ({ userId, messageId: 'm', readUntil: 1 })
const member = (id: string) => ({ id, name: id })

/** What Ada asks to write, over `row`. */
function asked(event: { readonly type: string }, row?: object): RoomWrite {
  // The builders of the state make events of its types.
  return { type: event.type, event, row, user: ada, stream: 'lobby', rows } as unknown as RoomWrite
}

test.each<[string, { readonly type: string }, object | undefined]>([
  ['a message of her own', state.messages.insert({ value: message('ada') }), undefined],
  ['an edit of her own', state.messages.update({ value: message('ada') }), message('ada')],
  ['a deletion of her own', state.messages.delete({ key: 'm' }), message('ada')],
  ['a deletion of what is gone', state.messages.delete({ key: 'm' }), undefined],
  ['a reaction', state.reactions.insert({ value: reaction('ada') }), undefined],
  ['her reaction taken back', state.reactions.delete({ key: 'm/ada/👍' }), reaction('ada')],
  ['that she is writing', state.typing.upsert({ value: typing('ada') }), undefined],
  ['that she is not', state.typing.delete({ key: 'ada' }), typing('ada')],
  ['how far she has read', state.receipts.upsert({ value: receipt('ada') }), receipt('ada')],
])('[HO6] Ada may write %s', (_what, event, row) => {
  expect(authorizeRoom(asked(event, row))).toBeUndefined()
})

test.each<[string, { readonly type: string }, object | undefined]>([
  ['a message as Grace', state.messages.insert({ value: message('grace') }), undefined],
  ['over a message of Grace', state.messages.upsert({ value: message('ada') }), message('grace')],
  ['an edit of Grace’s', state.messages.update({ value: message('grace') }), message('grace')],
  ['a deletion of Grace’s', state.messages.delete({ key: 'm' }), message('grace')],
  ['her own as Grace’s', state.messages.update({ value: message('grace') }), message('ada')],
  ['a reaction as Grace', state.reactions.insert({ value: reaction('grace') }), undefined],
  [
    'a reaction by a foreign key',
    state.reactions.insert({ value: { ...reaction('ada'), id: 'm/grace/👍' } }),
    undefined,
  ],
  [
    'over a reaction of Grace',
    state.reactions.upsert({ value: { ...reaction('ada'), id: 'm/grace/👍' } }),
    reaction('grace'),
  ],
  ['Grace’s reaction away', state.reactions.delete({ key: 'm/grace/👍' }), reaction('grace')],
  ['that Grace is writing', state.typing.upsert({ value: typing('grace') }), undefined],
  ['that Grace is not', state.typing.delete({ key: 'grace' }), typing('grace')],
  ['how far Grace has read', state.receipts.upsert({ value: receipt('grace') }), undefined],
  ['a member', state.users.upsert({ value: member('ada') }), member('ada')],
  ['a member away', state.users.delete({ key: 'grace' }), member('grace')],
])('[HO6] Ada may not write %s', (_what, event, row) => {
  expect(authorizeRoom(asked(event, row))).toMatchObject({ code: expect.any(String) })
})
