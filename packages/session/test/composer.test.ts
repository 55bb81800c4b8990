import { eventually, gate, itemsOf } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { lines, newSessionUrl, open } from './support/sessions.ts'

test('[A3] a message that is sent again under its id is the same message: on its way, and when it is there', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const first = ada.send('Hello', { id: 'a' })
  const again = ada.send('Hello', { id: 'a' })
  expect(again).toBe(first)
  await first
  expect(await ada.send('Hello', { id: 'a' })).toEqual(await first)
  expect(lines(ada)).toEqual(['ada: Hello'])
  const bob = await open(url, 'bob')
  expect(await bob.send('Hello', { id: 'a' })).toMatchObject({ id: 'a', author: 'ada' })
  const log = await itemsOf<{ type: string }>(await fetch(`${url}?offset=-1`))
  expect(log.filter(({ type }) => type === 'message')).toHaveLength(1)
})

test('[A15] a queued message keeps what is said of it, and is queued once', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const busy = gate()
  await ada.agent({ name: 'bot', handle: () => busy.opened }).ready
  await ada.send('Go')
  await eventually(() => expect([...ada.collections.runs.values()][0]?.status).toBe('running'))
  const options = { id: 'q', replyTo: 'm', metadata: { from: 'phone' } }
  const first = ada.enqueue('Later', options)
  expect(ada.enqueue('Later', options)).toBe(first)
  await first
  busy.open()
  await eventually(() =>
    expect(ada.collections.messages.get('q')).toMatchObject({ replyTo: 'm', metadata: { from: 'phone' } }),
  )
  expect(await ada.enqueue('Later', options)).toMatchObject({ id: 'q' })
  expect(ada.collections.queueItems.size).toBe(0)
})
