import { sleep, startMeter } from '../lib/meter.mjs'
import { check } from './check.mjs'
import { firstLoad } from './first-load.mjs'
import { liveLatency } from './live.mjs'
import { queries } from './queries.mjs'

/** Ours loads its rows on demand; the others hold all of them in TanStack DB. */
const onDemand = ({ open, subject }) =>
  subject === 'ours' ? (task) => open({ ...task, syncMode: 'on-demand' }) : open

/** A first load. */
export const onDemandLoad = (task) => firstLoad({ ...task, open: onDemand(task) })

/** Follows a log under a live query. */
export const onDemandLatency = (task) => liveLatency({ ...task, open: onDemand(task) })

/** Mounts a live query over rows that are loaded, and then another one beside it: from its creation until it has its rows. */
export async function onDemandMount({ query, next: other, url, kind, ...task }) {
  const opened = onDemand(task)({ url, kind, live: true })
  await opened.load()
  const mount = async (name) => {
    const stop = startMeter()
    const result = queries[name](opened.collections)
    await result.preload()
    const cost = await stop()
    if (result.size === 0) throw new Error('the query holds no rows')
    return { ...cost, ms: cost.wall * 1000 }
  }
  const first = await mount(query)
  // As somebody who looks at a page, and goes to another one: an index is built meanwhile.
  if (other !== undefined) await sleep(300)
  const next = other === undefined ? undefined : await mount(other)
  await check(opened, url)
  opened.close()
  return { ...first, ...(next && { next: next.ms, 'next cpu': next.cpu * 1000 }) }
}
