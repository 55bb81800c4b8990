import { needs } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openDirectory, openSession } from '../src/index.ts'
import { newSessionUrl } from './support/sessions.ts'

test('[A17] [A18] [A19] parameters of the stream go with each request: of attachments, forks, presence and the directory', async () => {
  await needs('forks')
  const without: string[] = []
  const streamOptions = {
    params: { token: async () => Promise.resolve('secret') },
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (url.searchParams.get('token') !== 'secret') without.push(`${init?.method ?? 'GET'} ${url.pathname}`)
      return fetch(input, init)
    },
  }
  const directory = openDirectory({ url: await newSessionUrl(), me: { id: 'ada' }, streamOptions })
  onTestFinished(() => directory.close())
  await directory.preload()
  const { id, url } = await directory.create({ url: await newSessionUrl() })
  const session = openSession({ url, me: { id: 'ada' }, streamOptions })
  await session.preload()
  await session.send('One')
  const bytes = new Uint8Array([1, 2, 3])
  const file = await session.attachments.upload(bytes, { name: 'a.bin', mediaType: 'image/png' })
  expect(await session.attachments.read(file.id)).toEqual(bytes)
  await session.attachments.remove(file.id)
  const fork = await session.fork()
  expect(fork.url).not.toContain('secret')
  session.close()
  await directory.delete(id)
  expect(without).toEqual([])
})
