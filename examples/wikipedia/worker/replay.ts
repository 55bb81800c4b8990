import { delay } from '@streamdb/log'
import { readFile } from 'node:fs/promises'
import { parseChange } from './parse-change.ts'
import type { NewChange } from './parse-change.ts'

/** Changes are given in portions, so often a second. */
const portions = 20

/** Gives what `next` returns, `speed` times a second, until `signal` aborts. What was late is made up for. */
export async function* atSpeed(
  next: (index: number) => NewChange,
  speed: number,
  signal: AbortSignal,
): AsyncGenerator<NewChange, void> {
  const started = performance.now()
  for (let index = 0; !signal.aborted;) {
    const due = ((performance.now() - started) / 1_000) * speed
    // A machine that was asleep does not give all of it at once.
    for (const end = Math.min(due, index + speed); index < end && !signal.aborted; index++) yield next(index)
    await delay(1_000 / portions, signal)
  }
}

/** Reads a file of recorded events, one JSON object a line; throws where there is none, or no change in it. */
export async function readRecording(file: string): Promise<readonly NewChange[]> {
  const text = await readFile(file, 'utf8')
  const changes = text.split('\n').flatMap((line) => {
    if (line.trim() === '') return []
    const parsed = parseChange(line)
    return parsed.type === 'change' ? [parsed.change] : []
  })
  if (changes.length === 0)
    throw new Error(`${file} has no recorded change: expected one event of recentchange a line`)
  return changes
}

/** Returns the change at `index` of a recording that is played again and again: as if it happened now. */
export function replayed(recording: readonly NewChange[], index: number, now: number): NewChange {
  const change = recording[index % recording.length]
  if (change === undefined) throw new RangeError('The recording is empty')
  return { ...change, id: `${change.id}#${now.toString(36)}.${index}`, at: now }
}

const wikis = ['enwiki', 'dewiki', 'frwiki', 'jawiki', 'wikidatawiki', 'commonswiki', 'eswiki', 'ruwiki']
const types = ['edit', 'edit', 'edit', 'edit', 'categorize', 'new', 'log']

/** Returns a change that nobody made: its title and its user say so. The same index gives the same change. */
export function madeUp(index: number, now: number): NewChange {
  const random = sequence(index)
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item =>
    items[Math.floor(random() ** 2 * items.length)] ?? items[0]
  const type = pick(types as [string, ...string[]])
  const delta = Math.round((random() - 0.4) * 10 ** (1 + random() * 3))
  return {
    ...{
      id: `made-up#${now.toString(36)}.${index}`,
      at: now,
      wiki: pick(wikis as [string, ...string[]]),
      type,
    },
    ...{ namespace: pick([0, 0, 0, 1, 2, 14]), title: `Made-up page ${Math.floor(random() ** 3 * 400)}` },
    ...{
      user: `Made-up editor ${Math.floor(random() ** 2 * 80)}`,
      bot: random() < 0.3,
      minor: random() < 0.2,
    },
    ...{ comment: 'This change is made up', ...(type !== 'log' && { delta }) },
  }
}

/** Returns a generator of numbers from 0 to 1 (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed * 2_654_435_761
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
