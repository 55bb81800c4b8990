import { describe, expect, test } from 'vitest'
import { resetTarget } from '../src/sync/reset-target.ts'

const reference = { from: '0000000000000000_0000000000000010', offset: '0000000000000000_0000000000000090' }
const numbers = { from: '10', offset: '90' }

function targetOf(
  offset: unknown,
  batch = reference,
  {
    isStamped = false,
    obeyed = [],
    refused = [],
  }: { isStamped?: boolean; obeyed?: string[]; refused?: string[] } = {},
): string {
  return resetTarget(offset, { batch, isStamped, obeyed: new Set(obeyed), refused: new Set(refused) }).type
}

describe('[F-real-68] [M4] resetTarget', () => {
  test.each([
    ['no offset', undefined, reference, 'none'],
    ['an offset of another type', 7, reference, 'none'],
    ['an empty offset', '', reference, 'none'],
    ['the start', '-1', reference, 'seek'],
    ['an offset behind the batch', '0000000000000000_0000000000000100', reference, 'seek'],
    ['a number behind the batch', '100', numbers, 'seek'],
    ['the end of the batch', reference.offset, reference, 'unusable'],
    ['an offset inside the batch', '0000000000000000_0000000000000050', reference, 'unusable'],
    ['an offset before the batch', '0000000000000000_0000000000000001', reference, 'unusable'],
    ['a number before the batch', '9', numbers, 'unusable'],
    ['a path', '../..', reference, 'unusable'],
    ['a word', 'now', reference, 'unusable'],
    ['a negative number', '-2', reference, 'unusable'],
    ['zero', '0', reference, 'unusable'],
    ['a control character', '\u0000', reference, 'unusable'],
    ['a path, where offsets are numbers', '../..', numbers, 'unusable'],
    ['a number with a sign', '-2', numbers, 'unusable'],
    ['a fraction', '90.5', numbers, 'unusable'],
    ['zero, where offsets are numbers', '0', numbers, 'unusable'],
    ['very long', '9'.repeat(10_000), reference, 'unusable'],
  ])('%s', (_what, offset, batch, type) => {
    expect(targetOf(offset, batch)).toBe(type)
  })

  test('an offset that the server stamped says nothing', () => {
    for (const offset of ['../..', '-1', reference.offset])
      expect(targetOf(offset, reference, { isStamped: true })).toBe('none')
  })

  test('what was obeyed is passed over, and what was refused is unusable', () => {
    const offset = '0000000000000000_0000000000000100'
    expect(targetOf(offset, reference, { obeyed: [offset] })).toBe('obeyed')
    expect(targetOf(offset, reference, { refused: [offset] })).toBe('unusable')
    expect(targetOf('-1', reference, { refused: ['-1'] })).toBe('unusable')
    expect(targetOf(offset, reference, { refused: ['1', '2'] })).toBe('seek')
    expect(targetOf(offset, reference, { refused: ['1', '2', '3'] })).toBe('unusable')
  })
})
