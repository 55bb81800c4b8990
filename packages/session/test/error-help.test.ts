import { readFileSync } from 'node:fs'
import { StreamDBError } from '@streamdb/db'
import { createStateSchema, StateError } from '@streamdb/state'
import { describe, expect, test } from 'vitest'
import { SessionError } from '../src/index.ts'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** The codes that a union of a file lists. */
function codesOf(path: string, union: string): string[] {
  const source = read(path)
  const begin = source.indexOf(`export type ${union} =`)
  const text = source.slice(begin, source.indexOf('\n\n', begin))
  return [...text.matchAll(/^ {2}\| '([^']+)'/gm)].map(([, code = '']) => code)
}

const page = read('docs/errors.md')
const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)

describe('[L6] the page on errors', () => {
  test('has a section for every code, and none for another', () => {
    const expected = [
      ...codesOf('packages/log/src/errors.ts', 'StreamDBErrorCode'),
      ...codesOf('packages/state/src/errors.ts', 'StateErrorCode').map((code) => `StateError: ${code}`),
      ...codesOf('packages/session/src/errors.ts', 'SessionErrorCode').map((code) => `SessionError: ${code}`),
    ]
    expect(expected.length).toBeGreaterThan(40)
    expect([...headings].sort()).toEqual([...expected].sort())
  })

  test('has a line for every code of an issue, and for every status', () => {
    for (const code of codesOf('packages/state/src/issue.ts', 'IssueCode'))
      expect(page).toContain(`| \`${code}\``)
    const statuses = [...read('packages/db/src/sync/status.ts').matchAll(/readonly name: '([^']+)'/g)]
    for (const [, name] of statuses) expect(page).toContain(`| \`${name}\``)
  })
})

describe('[L6] an error', () => {
  test.each([
    [new StreamDBError('write-failed', 'Not stored'), 'errors.md#write-failed'],
    [new StateError('missing-key', 'No key'), 'errors.md#stateerror-missing-key'],
    [new SessionError('run-over', 'It has ended'), 'errors.md#sessionerror-run-over'],
  ])('leads to its section, in its stack too, and its message stays as it is: %s', (error, anchor) => {
    expect(error.help.endsWith(anchor)).toBe(true)
    expect(error.stack).toContain(error.help)
    expect(error.message).not.toContain('http')
  })

  test('without a message leads there too', () => {
    expect(new StreamDBError('aborted', '').help).toContain('errors.md#aborted')
  })

  test('that a library throws has the same', () => {
    expect(() => createStateSchema({ __proto__x: undefined as never })).toThrow(
      expect.objectContaining({ help: expect.stringContaining('errors.md#stateerror-') as string }),
    )
  })
})
