import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHosts } from '../engines/hosts.mjs'
import { startEngine } from '../engines/start-engine.mjs'
import { startClient } from './client.mjs'
import { startProbe } from './probe.mjs'
import { createStream, readLog } from './raw-log.mjs'
import {
  describeSchedule,
  describeStalls,
  describeSteps,
  describeVerdicts,
  machine,
  tally,
} from './report.mjs'
import { readRules, sessionRules, writeRules } from './rules.mjs'
import { schedule } from './schedule.mjs'
import { serversOf } from './servers.mjs'
import { mountSmallDisks, noDisks } from './small-disk.mjs'
import { lagRules, measureStalls, stallTable } from './stalls.mjs'

const writers = ['ann', 'ben', 'cat', 'dan']
const modes = ['sse', 'long-poll', true]

/**
 * Runs chaos for some minutes, and prints what came of it. Resolves with whether all rules held.
 * @param {{ minutes: number, seed: number, engine: string, folder: string, untimed?: boolean, print?: (text: string) => void }} options
 */
export async function runChaos({
  minutes,
  seed,
  engine: name,
  folder,
  untimed = false,
  print = (text) => process.stdout.write(`${text}\n`),
}) {
  const duration = minutes * 60_000
  const isCluster = name === 'ursula-cluster'
  const disks =
    name === 'node'
      ? noDisks('the files of the Node server do not survive it')
      : mountSmallDisks(foldersOf(name, join(folder, 'data')), sizeOf(name))
  process.once('exit', disks.unmount)
  const network = isCluster ? createHosts(3) : undefined
  process.once('exit', () => network?.remove())
  const steps = schedule({ seed, duration, isCluster })
  print(`chaos: ${minutes} min, seed ${seed}, ${name}; ${machine()}\n${describeSchedule(steps)}`)
  if (disks.reason !== undefined) print(`  the disk is not filled: ${disks.reason}`)
  if (network?.reason !== undefined) print(`  no node is cut off: ${network.reason}`)
  const hosts = network?.hosts ?? []
  const engine = await startEngine(name, { dataDir: join(folder, 'data'), hosts })
  /** @type {import('./client.mjs').Client[]} */
  const clients = []
  try {
    const url = engine.streamUrl('chaos')
    const sessionUrl = engine.streamUrl('chaos-session')
    await createStream(url)
    await createStream(sessionUrl)
    clients.push(...startClients({ url, sessionUrl, folder }))
    await Promise.all(clients.map((client) => client.until('ready', 120_000)))
    const probe = startProbe(url, { isCluster })
    const servers = serversOf(engine, url, disks, hosts)
    const done = await befallAll(steps, servers, { duration, print, disks, hosts })
    const end = Date.now()
    await servers.heal()
    for (const client of clients) client.tell({ name: 'stop' })
    const stopping = clients.filter(({ name: each }) => !each.startsWith('reader'))
    await Promise.all(stopping.map((client) => client.until('stopped', 150_000)))
    const { last, isTaken } = await probe.stop()
    for (const client of clients) client.tell({ name: 'finish', last })
    await Promise.all(clients.map((client) => client.until('finished', 150_000)))
    return await verdict({
      ...{ clients, probe, steps: done, end, url, sessionUrl, print, seed, untimed, folder, isTaken },
    })
  } finally {
    for (const client of clients) client.kill()
    await engine.kill()
    await engine.stop()
    disks.unmount()
    network?.remove()
  }
}

/** How large a disk is: Ursula takes no writes below 64 MiB, and again above 128; ds reserves hundreds of megabytes. */
function sizeOf(name) {
  return name.startsWith('ursula') ? '192m' : '640m'
}

/** Where the nodes of an engine keep their files, below its data folder. */
function foldersOf(name, dataDir) {
  const names = name === 'ursula-cluster' ? ['node1', 'node2', 'node3'] : [name === 'ursula' ? 'node1' : name]
  return Object.fromEntries(
    names.map((each) => [each, join(dataDir, name.startsWith('ursula') ? each : 'streams')]),
  )
}

function startClients({ url, sessionUrl, folder }) {
  const readers = Array.from({ length: 20 }, (_, index) => ({
    name: `reader-${index + 1}`,
    live: modes[index % modes.length],
    // Every fifth keeps its rows, and every tenth of all is opened anew from them, again and again.
    ...(index % 5 === 4 && { storage: join(folder, 'data', `store-${index + 1}`) }),
    ...(index % 10 === 9 && { reopenEvery: 11_000 + index * 100 }),
  }))
  const start = (name, program, options) => startClient(name, program, options, folder)
  return [
    start('writers-1', 'writer', { url, writers: writers.slice(0, 2), every: 100 }),
    start('writers-2', 'writer', { url, writers: writers.slice(2), every: 100 }),
    ...[0, 1, 2].map((part) =>
      start(`readers-${part + 1}`, 'reader', {
        url,
        readers: readers.filter((_, index) => index % 3 === part),
      }),
    ),
    start('compactor', 'compactor', { url, every: 5_000 }),
    start('agent', 'agent', { url: sessionUrl }),
    start('participant', 'participant', { url: sessionUrl, every: 3_000 }),
  ]
}

/** Lets every step befall the servers in its time; resolves with them and when they did. */
async function befallAll(steps, servers, { duration, print, disks, hosts }) {
  const began = Date.now()
  const done = []
  for (const step of steps) {
    if (step.what === 'full-disk' && disks.reason !== undefined) continue
    if (step.what.startsWith('cut') && hosts.length === 0) continue
    await sleep(began + step.at - Date.now())
    const targets = await servers.choose(step.what)
    const time = Date.now()
    done.push({ ...step, time })
    print(
      `  ${((time - began) / 1000).toFixed(1).padStart(6)} s  ${step.what}: ${targets.map((each) => each.name).join(', ')}`,
    )
    await servers.befall(step.what, targets, step.for)
  }
  await sleep(began + duration - Date.now())
  return done
}

async function verdict({
  clients,
  probe,
  steps,
  end,
  url,
  sessionUrl,
  print,
  seed,
  untimed,
  folder,
  isTaken,
}) {
  const of = (start) => clients.filter(({ name }) => name.startsWith(start)).map((client) => client.result())
  const written = of('writers').flat()
  const read = of('readers')
  const readers = read.flatMap((each) => each.readers)
  const [session] = of('participant')
  const [agent] = of('agent')
  const [compactor] = of('compactor')
  const events = await readLog(url)
  const answerTo = (message) => Array.from({ length: 60 }, (_, index) => `${message}:${index}`).join(' ')
  const stalls = measureStalls({ steps, end, probe, writers: written, readers })
  const table = stallTable(stalls)
  writeFileSync(join(folder, 'out', 'run.json'), JSON.stringify({ steps, end, probe, stalls }))
  const rules = [
    {
      rule: 'the server takes events again, once everything is healed',
      broken: isTaken
        ? []
        : ['a plain append is not taken for 90 s: what follows rests on what was stored before'],
    },
    ...writeRules(written, events),
    ...readRules({ readers, snapshots: read.map((each) => each.snapshot), events, reads: probe.reads }),
    ...sessionRules({ ...session, events: await readLog(sessionUrl), answerTo }),
    ...lagRules(table),
  ]
  const verdicts = rules.filter(({ isTimed }) => !(untimed && isTimed))
  const transactions = written.flatMap((each) => each.transactions)
  print(
    [
      '',
      `steps: ${tally(steps.map(({ what }) => what))}`,
      `transactions: ${transactions.length}: ${tally(transactions.map(({ outcome }) => outcome ?? 'unsettled'))}`,
      `events in the log: ${events.length}; plain appends: ${probe.appends.length}; snapshots: ${compactor.written.length}; questions: ${session.asked.length}`,
      `errors reported: ${tally([...written, ...readers, session, agent, compactor].flatMap(({ errors }) => errors.map((each) => each.split(' ')[1])))}`,
      `rebuilt: ${tally(readers.flatMap(({ restarts }) => restarts.map((each) => each.split(' ')[1])))}`,
      describeSteps(stalls),
      describeStalls(table),
      describeVerdicts(verdicts),
    ].join('\n'),
  )
  const broken = verdicts.filter((each) => each.broken.length > 0)
  if (broken.length > 0) print(`A rule is broken: run it again with seed ${seed}.`)
  if (broken.length > 0 && broken.every(({ isTimed }) => isTimed))
    print(
      'Only rules about times are broken: a machine that is busy with something else makes them longer (--untimed).',
    )
  return broken.length === 0
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
