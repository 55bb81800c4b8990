import { version } from 'react'
import { version as versionOfDOM } from 'react-dom'
import { expect, test } from 'vitest'

test('the tests run on the React that their project names', () => {
  const expected = process.env['REACT'] ?? '19'
  expect([version, versionOfDOM].map((each) => each.split('.')[0])).toEqual([expected, expected])
})
