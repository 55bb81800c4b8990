import { expect, test, vi } from 'vitest'
import { Tokens } from '../server/tokens.mjs'
import { scratchFolder } from './scratch-folder.ts'

test('[HO5] a token says who somebody is, after a restart too, and nothing else does', async () => {
  const folder = scratchFolder()
  const tokens = await Tokens.open(folder)
  const { token, expires } = tokens.sign('ada')
  const again = await Tokens.open(folder)
  expect(again.verify(`Bearer ${token}`)).toEqual({ id: 'ada' })

  const [content = '', signature = ''] = token.split('.')
  const grace = Buffer.from(JSON.stringify({ id: 'grace', expires })).toString('base64url')
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  // The same bytes, to a decoder that ignores what is left over.
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const twin = `${signature.slice(0, -1)}${letters[letters.indexOf(signature.slice(-1)) + 1]}`
  expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
  const others = await Tokens.open(scratchFolder())
  for (const given of [
    ...[undefined, null, '', 'Bearer ', token, `bearer ${token}`, `Bearer ${token} `, `Bearer ${token}.x`],
    ...[
      `Bearer ${grace}.${signature}`,
      `Bearer ${content}.${flipped}`,
      `Bearer ${content}.${twin}`,
      `Bearer ${content}.`,
      `Bearer ${content}`,
    ],
    ...[
      `Bearer .${signature}`,
      `Bearer ${others.sign('ada').token}`,
      `Bearer ${'a'.repeat(100_000)}.${signature}`,
    ],
  ]) {
    expect(again.verify(given), String(given).slice(0, 60)).toBeUndefined()
  }
  vi.spyOn(Date, 'now').mockReturnValue(expires)
  expect(again.verify(`Bearer ${token}`)).toBeUndefined()
  vi.restoreAllMocks()
})
