import { expect, test } from 'vitest'
import { placeOf } from '../src/rows.ts'

const noon = new Date(2026, 0, 15, 12).getTime()
const minute = 60_000

function message(authorId: string, sentAt: number, id = `${authorId}-${sentAt}`) {
  return { id, authorId, sentAt }
}

test('the first message starts its day', () => {
  expect(placeOf(message('ada', noon), undefined, undefined)).toEqual({
    ...{ beginsDay: true, beginsUnread: false, continues: false },
  })
})

test('messages of one author within five minutes are grouped', () => {
  const before = message('ada', noon)
  expect(placeOf(message('ada', noon + 4 * minute), before, undefined).continues).toBe(true)
  expect(placeOf(message('ada', noon + 5 * minute), before, undefined).continues).toBe(false)
  expect(placeOf(message('grace', noon + minute), before, undefined).continues).toBe(false)
})

test('no group spans midnight or the line above the unread messages', () => {
  const late = message('ada', new Date(2026, 0, 15, 23, 59).getTime())
  const early = message('ada', late.sentAt + 2 * minute, 'early')
  expect(placeOf(early, late, undefined)).toMatchObject({ beginsDay: true, continues: false })
  const next = message('ada', noon + minute, 'next')
  expect(placeOf(next, message('ada', noon), 'next')).toMatchObject({ beginsUnread: true, continues: false })
})
