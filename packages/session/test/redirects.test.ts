import { eventually, startScriptedServer, startStreamServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openSession } from '../src/index.ts'

test('[RD7] a session whose server redirects is read and written, its presence too, where that origin is allowed', async () => {
  const server = await startStreamServer()
  const follower = await startScriptedServer(({ path, query }, reply) =>
    reply.status(307, { headers: { location: `${server.url}${path}${query.size > 0 ? `?${query}` : ''}` } }),
  )
  onTestFinished(async () => {
    await follower.close()
    await server.stop()
  })
  const open = (id: string) => {
    const session = openSession({
      url: `${follower.url}/sessions/1`,
      me: { id, name: id },
      db: { redirects: { allow: [server.url] } },
    })
    onTestFinished(() => session.close())
    return session
  }
  const [ada, ben] = [open('ada'), open('ben')]
  await Promise.all([ada.preload(), ben.preload()])
  ada.presence?.update({ typing: true })
  await eventually(() =>
    expect(ben.presence?.get()).toContainEqual(expect.objectContaining({ state: { typing: true } })),
  )
})
