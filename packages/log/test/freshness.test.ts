import { eventually, startScriptedServer } from '@streamdb/testkit'
import type { ScriptedRequest } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openSource } from './open-source.ts'

/** How a cache stands before a stream: what it does with a request that asks for no cached answer. */
type Cache = 'obeys' | 'ignores what it is asked'

/**
 * A stream of two items, behind a cache that has its first page as it was before the second item came. Tells what was
 * asked of the server behind the cache.
 */
async function startCached(cache: Cache, live: boolean) {
  const server = await startScriptedServer((request, reply) => {
    const { offset = '-1', headers } = request
    const isFresh = headers['cache-control'] === 'no-cache'
    const isHit = (cache === 'obeys' ? !isFresh : true) && !request.query.has('cursor') && offset !== 'now'
    if (request.live !== undefined)
      return live ? void reply.sse().control({ nextOffset: '2' }) : reply.status(400)
    const kept = { 'cache-control': 'public, max-age=60', ...(isHit && { age: '30' }) }
    const end = isHit ? 1 : 2
    const from = offset === '-1' ? 0 : Number(offset)
    reply.page({ items: ['a', 'b'].slice(from, end), nextOffset: String(end), upToDate: true, headers: kept })
  })
  onTestFinished(() => server.close())
  const asked = () =>
    server.requests.map(({ offset, query, headers }: ScriptedRequest) =>
      query.has('cursor') ? `${offset} unseen` : `${offset} ${headers['cache-control'] ?? 'any'}`,
    )
  return { url: `${server.url}/stream`, asked }
}

test.each<[Cache, readonly string[]]>([
  ['obeys', ['-1 any', '1 no-cache']],
  ['ignores what it is asked', ['-1 any', '1 no-cache', '1 unseen']],
])(
  '[RD11] what a cache says is the end of a log is asked for again: a cache that %s',
  async (cache, expected) => {
    const { url, asked } = await startCached(cache, false)
    const source = openSource(url, { live: false })
    await eventually(() => expect(source.events.at(-1)).toMatchObject({ type: 'end' }))
    expect(source.items).toEqual(['a', 'b'])
    expect(source.batches.filter(({ upToDate }) => upToDate)).toHaveLength(1)
    expect(asked()).toEqual(expected)
  },
)

test('[RD11] pages that are read beside a live connection, and behind it, are asked for past caches', async () => {
  const { url, asked } = await startCached('obeys', true)
  const source = openSource(url, { live: 'sse' })
  await eventually(() => expect(source.items).toEqual(['a', 'b']))
  source.source.verify('wake')
  await eventually(() => expect(asked()).toContain('2 no-cache'))
  expect(asked().filter((each) => each.endsWith('any'))).toEqual(['-1 any', '2 any'])
})
