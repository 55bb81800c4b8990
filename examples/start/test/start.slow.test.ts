import { eventually } from '@streamdb/testkit'
import { scratchFolder } from '@streamdb/example-shared/testing'
import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examples } from '../server/examples.mjs'
import { rowOf, StartServer } from './start-server.ts'

const patient = { timeout: 20_000 }

test('[EX1] every example with a server is on the list', () => {
  const folder = join(import.meta.dirname, '../..')
  const runnable = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'server.mjs')))
  expect(examples.map(({ id }) => id).sort()).toEqual(runnable.filter((name) => name !== 'start').sort())
})

test('[EX1] [A42] an example is started when it is opened, and its page leads back; all end with the server', async () => {
  const server = await StartServer.start()
  expect(await rowOf(server.url, 'agents')).toMatchObject({ state: 'off' })
  // Twice at once: one process.
  const [one, two] = await Promise.all(
    [1, 2].map(() => fetch(`${server.url}/open/agents`, { redirect: 'manual' })),
  )
  expect([one?.status, two?.status]).toEqual([302, 302])
  const url = one?.headers.get('location') ?? ''
  expect(two?.headers.get('location')).toBe(url)
  expect(await (await fetch(`${url}/agents.json`)).json()).toMatchObject({ home: server.url })
  expect(await rowOf(server.url, 'agents')).toMatchObject({ state: 'open', url })

  expect((await fetch(`${server.url}/stop/agents`, { method: 'POST' })).status).toBe(200)
  await eventually(
    async () => expect(await rowOf(server.url, 'agents')).toMatchObject({ state: 'off' }),
    patient,
  )
  expect(await fetch(url).catch(() => 'gone')).toBe('gone')

  const again = await fetch(`${server.url}/open/agents`, { redirect: 'manual' })
  const second = again.headers.get('location') ?? ''
  await server.kill()
  await eventually(async () => expect(await fetch(second).catch(() => 'gone')).toBe('gone'), patient)
})

test('[EX2] an example that cannot run says why, and an address that is none is refused', async () => {
  const server = await StartServer.start({ repo: scratchFolder(), run: 'history' })
  const why = /is not a git repository.*\n.*npm start -- --repo PATH/
  await eventually(
    async () =>
      expect(await rowOf(server.url, 'history')).toMatchObject({
        state: 'failed',
        error: expect.stringMatching(why) as string,
      }),
    patient,
  )
  const opened = await fetch(`${server.url}/open/history`, { redirect: 'manual' })
  expect(opened.status).toBe(503)
  expect(await opened.text()).toMatch(why)
  expect((await fetch(`${server.url}/open/elsewhere`)).status).toBe(404)
  expect((await fetch(`${server.url}/open/history`, { method: 'POST' })).status).toBe(405)
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
  expect((await fetch(`${server.url}/stream/examples`, post)).status).toBe(405)
  const { stderr } = await server.stop()
  expect(stderr).toMatch(/^The example history does not run\. .*is not a git repository/)
})
