// Runs inside the page that browser.mjs opens: a first load under an animation, and what the animation lost by it.

import { median } from './lib/stats.mjs'
import { check } from './workloads/check.mjs'
import { queries } from './workloads/queries.mjs'

/**
 * What a load cost the page. `wall` in seconds; `dropped` in frames, and as a share of those expected; `gap`, the longest
 * time between two frames, and `longTasks`, the sum of all tasks above 50 ms, in milliseconds; `rate`, frames a second
 * before the load.
 * @typedef {{ wall: number, dropped: number, share: number, gap: number, longTasks: number, rate: number }} Smoothness
 */

/**
 * Loads a log while a box moves: from the creation of the database until all is visible, in the live query too.
 * @param {{ open: Function, url: string, kind: string, query?: string, still: number }} task `still`: for how many
 *   milliseconds the box moves before
 * @returns {Promise<Smoothness>}
 */
export async function loadUnderAnimation({ open, url, kind, query, still }) {
  const frames = startAnimation()
  const tasks = observeLongTasks()
  for (const began = await nextFrame(); (await nextFrame()) - began < still;);
  const period = median(gapsOf(frames))

  const first = frames.length - 1
  const began = performance.now()
  const db = open({ url, kind, live: true })
  const result = query && queries[query](db.collections)
  result?.subscribeChanges(() => undefined)
  await db.load()
  await result?.preload()
  const ended = performance.now()
  const found = result?.size
  // What blocks until the end is a gap as well: it ends with the next frame.
  await nextFrame()
  const gaps = gapsOf(frames.slice(first))

  await check(db, url)
  if (result && found !== expectedOf[query](db.collections)) throw new Error(`the query holds ${found} rows`)
  const expected = sum(gaps) / period
  const dropped = Math.max(0, Math.round(expected - gaps.length))
  return {
    wall: (ended - began) / 1000,
    dropped,
    share: (100 * dropped) / expected,
    gap: Math.max(...gaps),
    longTasks: sum(
      (await tasks())
        .filter(({ startTime, duration }) => startTime + duration > began && startTime < ended)
        .map(({ duration }) => duration),
    ),
    rate: 1000 / period,
  }
}

/** How many rows a live query must end with. */
const expectedOf = {
  window: ({ items }) => Math.min(20, items.size),
  filter: ({ items }) => items.toArray.filter(({ status }) => status === 'open').length,
}

/** Moves the box once a frame, for good; returns the times of the frames. */
function startAnimation() {
  const box = document.querySelector('#box')
  if (!(box instanceof HTMLElement)) throw new Error('there is no box to move')
  /** @type {number[]} */
  const frames = []
  const step = () => {
    const now = performance.now()
    frames.push(now)
    box.style.transform = `translateX(${(now / 4) % 400}px)`
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
  return frames
}

/** Resolves in the next frame, after the animation's step; with the time. */
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())))

/** Returns what resolves with the long tasks so far. */
function observeLongTasks() {
  /** @type {PerformanceEntry[]} */
  const seen = []
  const observer = new PerformanceObserver((list) => void seen.push(...list.getEntries()))
  observer.observe({ type: 'longtask' })
  return async () => {
    // A task is only told of once it is over.
    await nextFrame()
    await nextFrame()
    return [...seen, ...observer.takeRecords()]
  }
}

const gapsOf = (times) => times.slice(1).map((time, index) => time - (times[index] ?? NaN))
const sum = (values) => values.reduce((total, value) => total + value, 0)
