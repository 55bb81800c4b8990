// node bench/browser.mjs [--quick] [--only NAME] [--runs N] [--save FILE]: first loads in Chromium, under an animation.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build as bundle } from 'esbuild'
import { build } from './build.mjs'
import { medians } from './lib/bench.mjs'
import { launch, measureInPage } from './lib/chromium.mjs'
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
  measured = quick ? await Promise.all(chosen.map(measureAll)) : await inTurn(chosen, measureAll)
} finally {
  await browser.close()
}
process.stderr.write('\n')
const lines = chosen.flatMap((workload, index) =>
  figures.map((figure) => lineOf(workload, figure, medians(measured[index]), !quick)),
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

/** Measures a workload: both subjects in turn, again and again, each time in a fresh profile, against one server. */
async function measureAll({ name, log, query }) {
  process.stderr.write(`${name} `)
  const small = { ...log, events: log.events / 50, ...(log.rows && { rows: log.rows / 50 }) }
  const { url: origin, stop } = await startServer('page', { ...(quick ? small : log), site })
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
    const contents = `
      import { loadUnderAnimation } from './browser-page.mjs'
      import { open } from './subjects/${subject}.mjs'
      globalThis.run = (task) => loadUnderAnimation({ open, ...task })`
    await bundle({
      stdin: { contents, resolveDir: folder },
      outfile: `${site}/${subject}.js`,
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
      `${site}/${subject}.html`,
      `<!doctype html><title>${subject}</title><div id="box" style="${box}"></div><script type="module" src="${subject}.js"></script>\n`,
    )
  }
}
