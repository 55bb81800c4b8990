import { differences, fold } from './fold.mjs'

/**
 * A rule, and what breaks it: nothing where it holds.
 * @typedef {object} Verdict
 * @property {string} rule
 * @property {readonly string[]} broken
 * @property {boolean} [isTimed] It is about times, which a busy machine makes longer.
 */

/** How long a reader may claim to be live while plain HTTP reads what it does not have, in milliseconds. */
export const liveBound = 5_000

/** The status is told of right before the rows: so short a claim is none, in milliseconds. */
const shortestClaim = 100

/**
 * Rules about the transactions of the writers: the log has them once, in order, and nobody was told otherwise.
 * @param {readonly any[]} writers
 * @param {readonly any[]} events
 * @returns {Verdict[]}
 */
export function writeRules(writers, events) {
  /** @type {Map<string, Map<string, number>>} */
  const stored = new Map()
  for (const { type, key, headers } of events) {
    const txid = headers?.txid
    if (txid === undefined || type === 'probe') continue
    const counts = stored.get(txid) ?? new Map()
    stored.set(txid, counts.set(`${type} ${key}`, (counts.get(`${type} ${key}`) ?? 0) + 1))
  }
  const all = writers.flatMap(({ name, transactions }) => transactions.map((each) => ({ ...each, name })))
  const say = ({ name, n, outcome, message, acknowledged }) =>
    `${name} ${n}: ${outcome ?? 'unsettled'}${acknowledged ? ', acknowledged' : ''}${message ? `, ${message}` : ''}`
  const isAcknowledged = ({ acknowledged, outcome }) => acknowledged !== undefined || outcome === 'confirmed'
  return [
    {
      rule: '[CH1] every acknowledged write is in the log',
      broken: all.filter((each) => isAcknowledged(each) && !stored.has(each.txid)).map(say),
    },
    {
      rule: '[CH1] no write is in the log twice',
      broken: [...stored].flatMap(([txid, counts]) =>
        [...counts].filter(([, count]) => count > 1).map(([what]) => `${txid}: ${what}`),
      ),
    },
    { rule: '[CH1] the log has the writes of each writer in their order', broken: disorder(writers, events) },
    {
      rule: '[CH2] no write that is stored is called unknown, rolled back or failed',
      broken: all.filter((each) => each.outcome !== 'confirmed' && stored.has(each.txid)).map(say),
    },
    {
      rule: '[CH2] no other write fails either, and none is left in limbo',
      broken: all.filter((each) => each.outcome !== 'confirmed' && !stored.has(each.txid)).map(say),
    },
  ]
}

function disorder(writers, events) {
  const last = new Map(writers.map(({ name }) => [name, 0]))
  return events.flatMap(({ type, value, headers }) => {
    if (type !== 'item' || headers.operation === 'delete') return []
    const before = last.get(value.writer) ?? 0
    last.set(value.writer, value.n)
    return value.n > before ? [] : [`${value.writer} ${value.n} after ${before}`]
  })
}

/**
 * Rules about what readers show and claim.
 * @param {{ readers: readonly any[], snapshots: readonly any[], events: readonly any[], reads: readonly [time: number, n: number][] }} seen
 * @returns {Verdict[]}
 */
export function readRules({ readers, snapshots, events, reads }) {
  const rows = fold(events)
  const types = ['item', 'counter', 'probe']
  const unlike = (name, actual) =>
    differences(rows, actual, types)
      .slice(0, 3)
      .map((what) => `${name}: ${what}`)
  // A store that could not be opened says so, and its rows go on in memory.
  const withStore = readers.filter(
    ({ stored, errors }) => stored !== undefined && !errors.some((each) => each.includes('storage-failed')),
  )
  return [
    {
      rule: `[CH3] ${readers.length} readers show what the log says`,
      broken: readers.flatMap(({ name, rows: actual }) => unlike(name, actual)),
    },
    {
      rule: `[CH3] ${withStore.length} stores hold what the log says`,
      broken: withStore.flatMap(({ name, stored }) => unlike(name, stored)),
    },
    {
      rule: '[CH3] a reader from the newest snapshot shows what the log says',
      broken: snapshots.flatMap(({ name, rows: actual }) => unlike(name, actual)),
    },
    {
      rule: `[CH4] nobody says live while the log is more than ${liveBound / 1000} s ahead`,
      isTimed: true,
      broken: readers.flatMap((reader) => falseClaims(reader, events, reads)),
    },
  ]
}

/** Finds the times at which a reader said live, and did not have what was stored long before. */
export function falseClaims({ name, seen, statuses, arrived }, events, reads) {
  const placeOf = new Map()
  for (const [place, { type, value }] of events.entries()) {
    if (type === 'probe' && !placeOf.has(value.n)) placeOf.set(value.n, place)
  }
  const isLive = statuses.map(([time, status], index) => ({
    from: time,
    until: statuses[index + 1]?.[0] ?? arrived,
    live: status === 'live',
  }))
  const lives = isLive.filter(({ live }) => live)
  // Times at which the reader had come further in the log.
  const steps = []
  for (const [time, n] of seen) {
    const place = placeOf.get(n)
    if (place !== undefined && place > (steps.at(-1)?.place ?? -1)) steps.push({ time, place })
  }
  let worst
  let index = 0
  for (const [stored, n] of reads) {
    const place = placeOf.get(n) ?? -1
    while (index < steps.length && steps[index].place < place) index++
    const until = steps[index]?.time ?? arrived
    const from = stored + liveBound
    if (until <= from) continue
    const claimed = lives.reduce(
      (sum, live) => sum + Math.max(0, Math.min(live.until, until) - Math.max(live.from, from)),
      0,
    )
    if (claimed > Math.max(worst?.claimed ?? 0, shortestClaim)) worst = { claimed, stored, until }
  }
  if (worst === undefined) return []
  const ms = worst.until - worst.stored
  return [
    `${name} at ${new Date(worst.stored).toISOString()}: said live for ${worst.claimed} ms of ${ms} ms behind`,
  ]
}

/**
 * Rules about the session: each question is answered once, by a run that ended once, with all of its text.
 * @param {{ asked: readonly string[], answers: readonly string[], events: readonly any[], answerTo: (text: string) => string }} session
 * @returns {Verdict[]}
 */
export function sessionRules({ asked, answers, events, answerTo }) {
  const rows = fold(events)
  const of = (type) => [...(rows.get(type)?.values() ?? [])]
  const ends = ['done', 'failed', 'cancelled', 'superseded', 'skipped']
  const endings = new Map()
  for (const { type, key, value } of events) {
    if (type === 'run' && ends.includes(value?.status))
      endings.set(key, [...(endings.get(key) ?? []), value.status])
  }
  const runs = of('run')
  const texts = of('part')
    .filter(({ kind }) => kind === 'text')
    .sort((a, b) => a.index - b.index)
  const textOf = (message) =>
    texts
      .filter((part) => part.message === message)
      .map(({ text }) => text ?? '')
      .join('')
  const questions = of('message')
    .filter(({ role }) => role === 'user')
    .map(({ id }) => ({ id, text: textOf(id) }))
  const missing = asked.filter((text) => questions.filter((each) => each.text === text).length !== 1)
  return [
    {
      rule: `[CH5] ${asked.length} questions of the session are in its log once`,
      broken: missing,
    },
    {
      rule: `[CH5] ${runs.length} runs ended once, as done, one for each question`,
      broken: [
        ...runs
          .filter(({ id }) => endings.get(id)?.join() !== 'done')
          .map(({ id, status }) => `${id}: ${endings.get(id)?.join() ?? `not ended, ${status}`}`),
        ...questions
          .filter(({ id }) => runs.filter(({ triggers }) => triggers.includes(id)).length !== 1)
          .map(({ text }) => `${text} has ${runs.length} runs in all`),
      ],
    },
    {
      rule: '[CH5] their texts are whole, in the log and on the screen',
      broken: questions.flatMap(({ id, text }) => {
        const run = runs.find(({ triggers }) => triggers.includes(id))
        const wanted = answerTo(text)
        const found = run === undefined ? 'no run' : textOf(run.message)
        if (found !== wanted)
          return [`${text}: ${JSON.stringify(found.slice(0, 80))} of ${found.length} characters`]
        return answers.includes(wanted) ? [] : [`${text}: not on the screen`]
      }),
    },
  ]
}
