import { eventually, fetchWithout } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import type { Session } from '../src/index.ts'
import { lines, newSessionUrl, open } from './support/sessions.ts'

// What docs/servers.md says under "Without a capability".

const present = (session: Session): string[] =>
  (session.presence?.get() ?? [])
    .flatMap(({ participant, isPresent }) => (isPresent ? [participant] : []))
    .sort()

test('[EN11] without `lifetime` and `clock`: who is there is known all the same, by the devices’ own clocks', async () => {
  const url = await newSessionUrl()
  const without = (name: 'lifetime' | 'clock') => ({
    presence: { ttl: 1_000, leaseTtl: 1_000 },
    streamOptions: { fetch: fetchWithout(name, fetchWithout(name === 'clock' ? 'lifetime' : 'clock')) },
  })
  const ada = await open(url, 'ada', without('lifetime'))
  const bob = await open(url, 'bob', without('clock'))
  await eventually(() =>
    expect([present(ada), present(bob)]).toEqual([
      ['ada', 'bob'],
      ['ada', 'bob'],
    ]),
  )
  ada.close()
  await eventually(() => expect(present(bob)).toEqual(['bob']))
  // What presence has written stays.
  expect((await fetch(`${url}/presence?offset=-1`)).status).toBe(200)
  const agent = bob.agent({ name: 'bot', handle: (run) => run.text('Hello') })
  await agent.ready
  await bob.send('Hi')
  await eventually(() => expect(lines(bob)).toEqual(['bob: Hi', 'bot: Hello']))
})

test('[EN11] without `bytes`: an attachment is refused with the status, and the conversation goes on', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada', { streamOptions: { fetch: fetchWithout('bytes') } })
  const upload = ada.attachments.upload(new Blob(['bytes'], { type: 'image/png' }), { name: 'a.png' })
  await expect(upload).rejects.toMatchObject({ code: 'request-failed', status: 415 })
  await ada.send('Hi')
  expect(lines(await open(url, 'bob'))).toEqual(['ada: Hi'])
})

test('[EN11] without `folders`: attachments are refused, nobody is seen, and the conversation goes on', async () => {
  const url = await newSessionUrl()
  const options = { streamOptions: { fetch: fetchWithout('folders') } }
  const [ada, bob] = [await open(url, 'ada', options), await open(url, 'bob', options)]
  const upload = ada.attachments.upload(new Blob(['bytes']), { name: 'a' })
  await expect(upload).rejects.toMatchObject({ code: 'request-failed', status: 404 })
  const agent = bob.agent({ name: 'bot', handle: (run) => run.text('Hello') })
  await agent.ready
  await ada.send('Hi')
  await eventually(() => expect(lines(ada)).toEqual(['ada: Hi', 'bot: Hello']))
  expect(present(ada)).toEqual([])
})
