import { DurableStream } from '@durable-streams/client'
import { startScriptedServer } from '@streamdb/testkit'
import { quick, room, roomServer, user } from '@streamdb/testkit/rooms'
import { followRedirects } from '@streamdb/log'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import { differences } from '../src/latest-options.ts'

afterAll(async () => (await roomServer()).stop())

/** Makes a stream, and a follower of its server that redirects every request there. */
async function startFollower(): Promise<{ readonly url: string; readonly leader: string }> {
  const { url: leader, createStream } = await roomServer()
  const { pathname } = new URL(await createStream(undefined, { items: [user('a', 'Ada')] }))
  const follower = await startScriptedServer(({ path, query }, reply) =>
    reply.status(307, { headers: { location: `${leader}${path}?${query}` } }),
  )
  onTestFinished(() => follower.close())
  return { url: `${follower.url}${pathname}`, leader }
}

test('[RD2] a database whose stream is redirected elsewhere fails with what to allow, as its writes do', async () => {
  const { url, leader } = await startFollower()
  const db = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state: room, retry: quick })
  onTestFinished(() => db.close())
  await expect(db.preload()).rejects.toMatchObject({
    code: 'redirect-refused',
    message: expect.stringContaining(leader),
  })
  expect(db.status).toMatchObject({ name: 'failed', error: { code: 'redirect-refused' } })
})

test('[RD1] [RD7] the option redirects allows it, for a handle too', async () => {
  const { url, leader } = await startFollower()
  const redirects = { allow: [leader] }
  const stream = new DurableStream({ url, fetch: followRedirects(redirects), warnOnHttp: false })
  for (const given of [{ streamOptions: { url, warnOnHttp: false } }, { stream }]) {
    const db = createStreamDB({ ...given, redirects, state: room, retry: quick })
    onTestFinished(() => db.close())
    await db.preload()
    expect(db.collections.users.get('a')).toMatchObject({ name: 'Ada' })
    const write = db.collections.users.insert({ id: `b-${'stream' in given}`, name: 'Ben' })
    await write.when('settled')
  }
})

test('[RD8] a list of origins that a render writes out anew is the same option', () => {
  const options = (name: string) => ({ redirects: { allow: [`https://${name}`, /^https:/, () => true] } })
  expect(differences(options('a'), options('a'), true)).toEqual([])
  expect(differences(options('a'), options('b'), true)).toEqual(['redirects.allow'])
})
