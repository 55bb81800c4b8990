import { DurableStream } from '@durable-streams/client'
import { sleep, startMeter } from '../lib/meter.mjs'

/** Writes rows without a network, one transaction each; measures from its return until all are in the log and visible. */
export async function outbox({ open, url, kind, count, directory }) {
  const { fileStorage } = await import('../dist/persist-node.js')
  await DurableStream.create({ url, contentType: 'application/json', warnOnHttp: false })
  let isOffline = false
  const fetch = (...given) =>
    isOffline ? Promise.reject(new TypeError('there is no network')) : globalThis.fetch(...given)
  const opened = open({ url, kind, live: 'sse', fetch, offline: true, storage: fileStorage({ directory }) })
  await opened.load()
  isOffline = true
  const writes = Array.from({ length: count }, (_, index) =>
    opened.add({ id: `row-${index}`, owner: 'owner-0001', status: 'open', text: 'offline', rank: index }),
  )
  await opened.db.storage.flush()
  await sleep(200)

  const stop = startMeter()
  isOffline = false
  opened.db.retryNow?.()
  await Promise.all(writes)
  const cost = await stop()
  opened.close()
  const counts = await countKeys(url)
  return {
    ...cost,
    doubled: [...counts.values()].filter((times) => times > 1).length,
    lost: count - counts.size,
  }
}

/** Returns how often each key was inserted into the log. */
async function countKeys(url) {
  const counts = new Map()
  let offset = '-1'
  for (;;) {
    const response = await globalThis.fetch(`${url}?offset=${offset}`)
    for (const { key } of JSON.parse((await response.text()) || '[]'))
      counts.set(key, (counts.get(key) ?? 0) + 1)
    offset = response.headers.get('stream-next-offset') ?? offset
    if (response.headers.has('stream-up-to-date')) return counts
  }
}
