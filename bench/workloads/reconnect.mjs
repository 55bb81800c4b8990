import { endKey } from '../lib/logs.mjs'
import { sleep, startMeter } from '../lib/meter.mjs'

/**
 * Has a server end the live connections of so many databases at once or, with `down`, break them and be back so many
 * milliseconds later; measures until every one has its live connection again, and shows what was appended since.
 */
export async function reconnect({ open, url, kind, clients, down }) {
  const databases = Array.from({ length: clients }, () => open({ url, kind, live: 'sse' }))
  await Promise.all(databases.map((each) => each.load()))
  await countsWhen(url, ({ open: live }) => live >= clients)

  const stop = startMeter()
  await (await fetch(new URL(down === undefined ? '/end-all' : `/restart?down=${down}`, url))).text()
  if (down !== undefined) await sleep(down)
  await feedOne(url)
  const { requests } = await countsWhen(
    url,
    ({ open: live }) =>
      live >= clients && databases.every(({ collections }) => collections.items.has(endKey)),
  )
  const cost = await stop()
  for (const each of databases) each.close()
  return { ...cost, requests: requests / clients }
}

/** Appends an event as soon as the server is there again. */
async function feedOne(url) {
  for (;;) {
    const sent = await fetch(`${url}/feed?count=1&rows=1`, { method: 'POST' }).catch(() => undefined)
    if (sent !== undefined) return void (await sent.text())
    await sleep(5)
  }
}

/** Resolves with what the server counted, when that is as it should be. */
async function countsWhen(url, isSo) {
  const began = performance.now()
  for (;;) {
    const counts = await (await fetch(new URL('/counts', url))).json()
    if (isSo(counts)) return counts
    if (performance.now() - began > 120_000) throw new Error(`never so: ${JSON.stringify(counts)}`)
    await sleep(10)
  }
}
