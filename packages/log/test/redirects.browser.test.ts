import { startScriptedServer } from '@streamdb/testkit'
import type { ScriptedHandler, ScriptedServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openTestPage } from './browser/site.ts'
import type { TestPage } from './browser/page.ts'

declare const page: TestPage

const cors = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Stream-Next-Offset, Stream-Up-To-Date, Stream-Closed, Stream-Cursor',
  'access-control-allow-headers': 'authorization, content-type, producer-id, producer-epoch, producer-seq',
}

/** Starts a server of an origin of its own, which answers preflights. */
async function startServer(
  handler: ScriptedHandler,
  headers: Record<string, string> = cors,
): Promise<ScriptedServer> {
  const server = await startScriptedServer((request, reply) =>
    request.method === 'OPTIONS' ? reply.status(204, { headers }) : handler(request, reply),
  )
  onTestFinished(() => server.close())
  return server
}

/** Answers as a stream with one item, and what is appended to it. */
function stream(headers: Record<string, string> = cors): ScriptedHandler {
  const items: unknown[] = ['a']
  return ({ method, live, body, offset }, reply) => {
    if (method === 'POST') items.push(...(JSON.parse(body) as unknown[])) // of the page's own making
    const nextOffset = String(items.length)
    if (method === 'POST')
      return reply.status(204, { headers: { ...headers, 'stream-next-offset': nextOffset } })
    if (live !== undefined && offset === nextOffset) return reply.hang()
    const first = offset === undefined || offset === '-1' ? 0 : Number(offset)
    reply.page({ items: items.slice(first), nextOffset, upToDate: true, headers })
  }
}

const redirectTo =
  (origin: () => string, path?: string): ScriptedHandler =>
  (request, reply) => {
    const search = request.query.size > 0 ? `?${request.query}` : ''
    reply.status(307, { headers: { ...cors, location: `${origin()}${path ?? request.path}${search}` } })
  }

test('[RD9] in Chromium a redirect is followed with credentials where its origin is allowed, and nowhere else', async () => {
  const [leader, other, hidden] = await Promise.all([
    startServer(stream()),
    startServer(stream()),
    startServer(stream({}), {}),
  ])
  const own: ScriptedHandler = stream()
  const follower: ScriptedServer = await startServer((request, reply) => {
    if (request.path === '/here') return own(request, reply)
    // As a follower of Ursula does: it answers reads by itself.
    if (request.path === '/follower' && request.method !== 'POST') return own(request, reply)
    if (request.path === '/moved') return redirectTo(() => '', '/here')(request, reply)
    const to = { '/leader': leader, '/follower': leader, '/other': other, '/hidden': hidden }[request.path]
    return redirectTo(() => to?.url ?? '')(request, reply)
  })
  const tab = await openTestPage()
  const urls = ['leader', 'moved', 'other', 'hidden', 'follower'].map((path) => `${follower.url}/${path}`)
  const given = { headers: { authorization: 'Bearer secret' }, allow: [leader.url, hidden.url] }
  await tab.evaluate(([all, options]) => page.open(all, options), [urls, given] as const)

  await tab.waitForFunction(() =>
    page
      .items()
      .slice(0, 2)
      .every((items) => items.length === 1),
  )
  await tab.waitForFunction(() =>
    page
      .errors()
      .slice(2, 4)
      .every((error) => error !== undefined),
  )
  const [, , refused, unseen] = await tab.evaluate(() => page.errors())
  expect(refused).toMatchObject({
    code: 'redirect-refused',
    message: expect.stringContaining(`redirects: { allow: ['${other.url}'] }`),
  })
  expect(unseen).toMatchObject({ code: 'unreachable', message: expect.stringContaining('a gateway') })

  for (const index of [0, 1]) await tab.evaluate((at) => page.append(at, '"b"'), index)
  for (const index of [2, 4])
    expect(await tab.evaluate((at) => page.refusal(at, '"b"'), index)).toBe('redirect-refused')
  const [leading] = [leader, follower].map(({ requests }) =>
    requests.filter(({ method }) => method === 'POST'),
  )
  expect(leading).toMatchObject([
    { body: '["b"]', headers: { authorization: 'Bearer secret', 'producer-seq': '0' } },
  ])
  // What is asked to find where a redirect leads to has no credentials.
  expect(leader.requests.filter(({ headers }) => headers.authorization === undefined)).toSatisfy(
    (requests: ScriptedServer['requests']) => requests.every(({ method }) => /OPTIONS|HEAD/.test(method)),
  )
  for (const server of [other, hidden]) {
    expect(server.requests.map(({ method, headers }) => [method, headers.authorization])).toSatisfy(
      (sent: string[][]) => sent.every(([method, secret]) => method === 'HEAD' && secret === undefined),
    )
  }
})
