// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSearch } from '../src/model/event-filter.ts'
import type { Timeline } from '../src/model/timeline.ts'
import { control, modelOf, put, remove, scriptedModel } from './builders.ts'

const items = [
  put('a', { text: 'Hello' }),
  put('b', { text: 'World' }, { txid: 't1' }),
  put('c', { text: 'hello again' }, { txid: 't1' }),
  remove('b', { txid: 't2' }),
  control('reset'),
  { type: 'user', key: 'u', value: { name: 'Ada' }, headers: { operation: 'insert' } },
]

/** The numbers of the events that pass a search. */
function found(search: string): number[] {
  const model = modelOf(items)
  model.timeline.setGrouped(false)
  model.timeline.setFilter(parseSearch(search))
  model.timeline.finish()
  return numbersOf(model.timeline)
}

function numbersOf(timeline: Timeline): number[] {
  return Array.from({ length: timeline.length }, (_, index) => {
    const line = timeline.line(index)
    return line?.type === 'event' ? line.number : -1
  })
}

describe('filters', () => {
  test.each([
    ['', [0, 1, 2, 3, 4, 5]],
    ['hello', [0, 2]],
    ['"hello again"', [2]],
    ['type:user', [5]],
    ['type:user type:note', [0, 1, 2, 3, 5]],
    ['op:delete', [3]],
    ['op:reset', [4]],
    ['key:b', [1, 3]],
    ['tx:t1', [1, 2]],
    ['tx:t', [1, 2, 3]],
    ['tx:t1 hello', [2]],
    ['op:nonsense', []],
    ['is:own', []],
    // Marks of a pattern are letters like others.
    ['.*', []],
    ['http://x', []],
  ])('[V24] %s', (search, numbers) => {
    expect(found(search)).toEqual(numbers)
  })

  test('[V24] a long log is filtered in slices, between which lines are there already', () => {
    const { model, runNext } = scriptedModel()
    while (runNext());
    const many = Array.from({ length: 60_000 }, (_, index) => put(`k${index}`, { index }))
    model.addBatch({ items: many, offset: '1' })
    model.timeline.setFilter({ text: '"index":1' })
    let slices = 0
    while (model.timeline.progress < 1 && runNext()) slices++
    expect(slices).toBeGreaterThan(1)
    const expected = many.filter((_, index) => String(index).startsWith('1')).length
    expect(model.timeline.matchCount).toBe(expected)
    // And what comes later as well.
    model.addBatch({ items: [put('new', { index: 17 }), put('new', { index: 27 })], offset: '2' })
    while (runNext());
    expect(model.timeline.matchCount).toBe(expected + 1)
  })

  test('an event whose txid is one of a write of this client is its own', () => {
    const model = modelOf([])
    const report = {
      action: undefined,
      state: 'pending',
      attempts: 0,
      error: undefined,
      nextTry: undefined,
    } as const
    model.noteWrite({ ...report, txid: 't1', rows: [] })
    model.addBatch({ items, offset: '1' })
    model.timeline.setFilter({ own: true })
    model.timeline.finish()
    expect(model.timeline.matchCount).toBe(2)
  })
})

describe('transactions', () => {
  test('[V25] events that follow one another with one txid are one line, which opens', () => {
    const { timeline } = modelOf(items)
    expect(timeline.length).toBe(5)
    expect(timeline.line(1)).toEqual({ type: 'group', group: 1, first: 1, count: 2, isOpen: false })
    timeline.toggle(1)
    expect(timeline.length).toBe(7)
    expect(timeline.line(1)).toMatchObject({ isOpen: true })
    expect(timeline.line(3)).toEqual({ type: 'event', number: 2, isInGroup: true })
    expect(timeline.line(4)).toEqual({ type: 'event', number: 3, isInGroup: false })
    expect(timeline.indexOf(2)).toBe(3)
    expect(timeline.indexOf(5)).toBe(6)
    timeline.toggle(1)
    expect(timeline.length).toBe(5)
  })

  test('[V25] whichever are open, the lines are all events once, in their order', () => {
    const txids = fc.array(fc.constantFrom('x', 'y', undefined), { maxLength: 40 })
    fc.assert(
      fc.property(txids, fc.array(fc.nat(40), { maxLength: 6 }), (each, toggles) => {
        const { timeline, store } = modelOf(each.map((txid, index) => put(`k${index}`, {}, { txid })))
        for (const toggle of toggles) if (toggle < each.length) timeline.toggle(store.groupOf(toggle))
        const seen: number[] = []
        for (let index = 0; index < timeline.length; index++) {
          const line = timeline.line(index)
          if (line?.type === 'event') {
            expect(timeline.indexOf(line.number)).toBe(index)
            seen.push(line.number)
          } else if (line?.isOpen === false) {
            for (let inner = 0; inner < line.count; inner++) seen.push(line.first + inner)
          }
        }
        expect(seen).toEqual(each.map((_, index) => index))
      }),
      { numRuns: 150 },
    )
  })
})
