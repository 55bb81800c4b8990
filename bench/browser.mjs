// node bench/browser.mjs [--quick] [--only NAME] [--runs N] [--save FILE]: first loads in Chromium, under an animation; and
// ten tabs, with one store and without.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build as bundle } from 'esbuild'
import { build } from './build.mjs'
import { medians } from './lib/bench.mjs'
import { launch, measureInPage, measureStored, measureTabs } from './lib/chromium.mjs'
import { machine } from './lib/machine.mjs'
import { startServer } from './lib/processes.mjs'
import { lineOf, tableOf } from './lib/table.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const site = `${folder}dist/site`
const subjects = ['ours', 'published']

/** @type {import('./workloads/index.mjs').Figure[]} */
const figures = [
  { name: 'wall', unit: 's' },
  { name: 'dropped', unit: 'frames', published: 1 },
  { name: 'share', unit: '%' },
  { name: 'gap', unit: 'ms' },
  { name: 'longTasks', unit: 'ms' },
  { name: 'heap', unit: 'MB' },
  { name: 'memory', unit: 'MB' },
]
/** @type {import('./workloads/index.mjs').Figure[]} */
const tabFigures = [
  { name: 'connections', unit: '', most: 1 },
  { name: 'cpu', unit: 's', without: 0.4 },
]
/** @type {import('./workloads/index.mjs').Figure[]} */
const storedFigures = [{ name: 'wall', unit: 's', published: 0.1 }]
const inserts = { kind: 'inserts', events: 100_000 }
const workloads = [
  { name: 'inserts', title: '100k inserts of distinct keys', log: inserts },
  {
    name: 'updates',
    title: '100k events over 10k keys',
    log: { kind: 'updates', events: 100_000, rows: 10_000 },
  },
  { name: 'filter', title: '100k inserts under a filter', log: inserts, query: 'filter' },
  {
    name: 'window',
    title: '40k inserts under orderBy().limit(20)',
    // What a row takes grows with the rows before it: of 100k it would be most of a minute.
    log: { kind: 'inserts', events: 40_000 },
    query: 'window',
  },
  {
    name: 'tabs',
    title: 'ten tabs: 100k events over 10k keys, then 500 live ones; without: ten databases',
    log: { kind: 'updates', events: 100_000, rows: 10_000 },
    tabs: 10,
  },
  {
    name: 'stored',
    title: 'start with 100k rows in IndexedDB; published: replay of the 1M events that made them',
    log: { kind: 'updates', events: 1_000_000, rows: 100_000 },
    isStored: true,
  },
]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string' },
    save: { type: 'string' },
  },
})
const { quick, only } = values
const runs = quick ? 1 : Number(values.runs ?? 5)
const chosen = workloads.filter(({ name }) => only.length === 0 || only.includes(name))
if (chosen.length === 0) {
  process.stderr.write(`No such workload. There are: ${workloads.map(({ name }) => name).join(', ')}\n`)
  process.exit(2)
}

await build()
await bundlePages()
const before = machine()
const browser = await launch()
let measured
try {
  // What --quick shows is that all of it works; then nobody looks at the figures.
  measured = quick ? await Promise.all(chosen.map(measureAny)) : await inTurn(chosen, measureAny)
} finally {
  await browser.close()
}
process.stderr.write('\n')
const lines = chosen.flatMap((workload, index) =>
  figuresOf(workload).map((figure) => lineOf(workload, figure, medians(measured[index]), !quick)),
)

const runsOf = quick
  ? 'small sizes, all at once: these figures say nothing'
  : `medians of ${runs} runs after one to warm up`
const text = `Chromium ${browser.version()}, ${before}; ${runsOf}\n\n${tableOf(lines)}\n`
process.stdout.write(text)
if (values.save !== undefined) {
  writeFileSync(values.save, text)
  const named = Object.fromEntries(chosen.map(({ name }, index) => [name, measured[index]]))
  const facts = { browser: browser.version(), machine: before, runs, measured: named }
  writeFileSync(`${values.save}.json`, `${JSON.stringify(facts, null, 2)}\n`)
}

function figuresOf({ tabs, isStored }) {
  return tabs ? tabFigures : isStored ? storedFigures : figures
}

function measureAny(workload) {
  return workload.tabs
    ? measureAllTabs(workload)
    : workload.isStored
      ? measureStarts(workload)
      : measureAll(workload)
}

/** Measures starts of pages: with what a page before them has stored, and with the published layer, which stores nothing. */
async function measureStarts({ name, log }) {
  process.stderr.write(`${name} `)
  const { url: origin, stop } = await startServer('page', { ...(quick ? smaller(log) : log), site })
  const task = { url: `${origin}/log`, kind: log.kind }
  const found = { ours: [], published: [] }
  try {
    for (const subject of subjects) {
      found[subject] = await measureStored(browser, `${origin}/site/${subject}-start.html`, task, runs)
    }
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(`FAILED: stored: ${error instanceof Error ? error.message : String(error)}\n`)
  } finally {
    stop()
  }
  return found
}

/** Measures tabs: with one store for all of them, and each with a database of its own, in turn. */
async function measureAllTabs({ name, log, tabs }) {
  process.stderr.write(`${name} `)
  const { url, stop } = await startServer('page', { ...(quick ? smaller(log) : log), site, hosts: true })
  const { port } = new URL(url)
  // A browser opens six connections to a host at most: without a store each tab has a host of its own.
  const hosts = (count) =>
    Array.from({ length: tabs }, (_, index) => `http://127.0.0.${1 + (index % count)}:${port}`)
  const found = { ours: [], without: [] }
  const feed = { count: String(quick ? 50 : 500), rows: String(quick ? 200 : 10_000), gap: '5' }
  try {
    for (let round = 0; round < runs; round++) {
      for (const [subject, origins] of [
        ['ours', hosts(1)],
        ['without', hosts(tabs)],
      ]) {
        const task = { kind: log.kind, shares: subject === 'ours' }
        const path = `/log-${subject}-${round}`
        found[subject].push(await measureTabs(browser, { origins, path, task, feed }))
      }
    }
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(`FAILED: tabs: ${error instanceof Error ? error.message : String(error)}\n`)
  } finally {
    stop()
  }
  return found
}

function smaller(log) {
  return { ...log, events: log.events / 50, ...(log.rows && { rows: log.rows / 50 }) }
}

/** Measures a workload: both subjects in turn, again and again, each time in a fresh profile, against one server. */
async function measureAll({ name, log, query }) {
  process.stderr.write(`${name} `)
  const { url: origin, stop } = await startServer('page', { ...(quick ? smaller(log) : log), site })
  const found = Object.fromEntries(subjects.map((subject) => [subject, []]))
  const one = async (subject, round) => {
    const task = { url: `${origin}/log`, kind: log.kind, query, still: quick ? 100 : 1000 }
    try {
      const figuresOf = await measureInPage(browser, `${origin}/site/${subject}.html`, task)
      // The first round only warms up.
      if (round > 0) found[subject].push(figuresOf)
    } catch (error) {
      // The other is worth its figures all the same.
      process.exitCode = 1
      process.stderr.write(`FAILED: ${subject}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  try {
    if (quick) await Promise.all(subjects.map((subject) => one(subject, 1)))
    else {
      for (let round = 0; round <= runs; round++) {
        // Nobody is always the first.
        const order = round % 2 === 0 ? subjects : [...subjects].reverse()
        await inTurn(order, (subject) => one(subject, round))
      }
    }
  } finally {
    stop()
  }
  return found
}

async function inTurn(items, run) {
  const results = []
  for (const item of items) results.push(await run(item))
  return results
}

/** Writes a page for each subject: its script is all that is in it, minified, as an application would ship it. */
async function bundlePages() {
  mkdirSync(site, { recursive: true })
  for (const subject of subjects) {
    await bundlePage(
      subject,
      `import { loadUnderAnimation } from './browser-page.mjs'
      import { open } from './subjects/${subject}.mjs'
      globalThis.run = (task) => loadUnderAnimation({ open, ...task })`,
    )
  }
  for (const subject of subjects) {
    await bundlePage(
      `${subject}-start`,
      `import { fill, start } from './browser-start.mjs'
      import { open } from './subjects/${subject}.mjs'
      const isStored = ${subject === 'ours'}
      globalThis.fill = (task) => fill({ open, isStored, ...task })
      globalThis.run = (task) => start({ open, isStored, ...task })`,
    )
  }
  await bundlePage('tab', `import * as tab from './browser-tab.mjs'; globalThis.tab = tab`)
}

async function bundlePage(name, contents) {
  await bundle({
    stdin: { contents, resolveDir: folder },
    outfile: `${site}/${name}.js`,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  })
  const box = 'width: 100px; height: 100px; background: #0a7d4b'
  writeFileSync(
    `${site}/${name}.html`,
    `<!doctype html><title>${name}</title><div id="box" style="${box}"></div><script type="module" src="${name}.js"></script>\n`,
  )
}
