import { getEventListeners } from 'node:events'
import { startScriptedServer } from '@streamdb/testkit'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { capabilityNames, findCapabilities } from '../src/index.ts'
import { kit, stopKit } from './logs.ts'

afterAll(() => stopKit())

test('[EN4] [F-life-8] a server is asked what it can do; the streams made for it are deleted, and nothing stays on the signal', async () => {
  const server = await kit()
  const urls = new Set<string>()
  const { signal } = new AbortController()
  const found = await findCapabilities({
    url: `${server.url}/any`,
    signal,
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      if (init?.method === 'PUT') urls.add(url)
      return fetch(input, init)
    },
  })
  expect(Object.keys(found)).toEqual(capabilityNames)
  expect(found).toMatchObject({ sse: { supported: true }, producers: { supported: true } })
  // A number that is rounded, or one that is not.
  expect(found['exact-json'].detail).toContain('12345678901234567')
  expect(urls.size).toBeGreaterThan(10)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const left = await Promise.all([...urls].map(async (url) => (await fetch(url)).status))
  expect(new Set(left)).toEqual(new Set([404]))
})

test('[EN4] where no stream may be made, the refusal is the error', async () => {
  const script = await startScriptedServer((_, reply) => reply.status(401))
  onTestFinished(() => script.close())
  await expect(findCapabilities({ url: `${script.url}/any` })).rejects.toMatchObject({ code: 'unauthorized' })
})
