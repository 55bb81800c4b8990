import type { StateDefinition } from '@streamdb/state'
import type { AnyCollection } from './collections/types.ts'
import { warnInDevelopment } from './development.ts'
import type { Startable } from './idle-start.ts'
import type { CreateStreamDBOptions } from './options/types.ts'
import type { Status } from './sync/status.ts'

// A component that creates its database in its body creates another one in every render. Each is read, its rows cause
// the next render, and so on: without a bound, as fast as the server answers.

/** Databases that are created, and read by queries, within this time of each other are repeated. */
const period = 10_000

/** How many databases for one stream and definition are ordinary. */
const ordinary = 2

const firstDelay = 250
const maxDelay = 8_000

/** The databases alike that were created one after the other, read, and not closed. */
interface Series {
  open: number
  lastRead: number
  delay: number
}

interface CreatedDatabase extends Startable {
  readonly collections: object
  readonly subscribeStatus: (listener: (status: Status) => void) => () => void
}

const allSeries = new Map<string, Series>()
const exempt = new WeakSet<object>()

type CreationOptions = Pick<CreateStreamDBOptions<StateDefinition>, 'state' | 'stream' | 'streamOptions'>

/**
 * Returns for how many milliseconds queries must not make a database read that is about to be created: 0 for an
 * ordinary one, ever longer for those that are created again and again. Warns in development of the third.
 *
 * Only where components are rendered again and again: servers, which have no `window`, may create as many as they like.
 */
export function delayOfRepeated(options: CreationOptions): number {
  const series = typeof window === 'undefined' ? undefined : seriesOf(options)
  if (series === undefined || series.open < ordinary) return 0
  if (series.delay === 0) {
    warnInDevelopment(
      `createStreamDB was called ${ordinary + 1} times within seconds for ${streamUrlOf(options)}, and no database was ` +
        `closed. In a component, each render would open another one: call useStreamDB(options) there, which opens one ` +
        `and closes it. Elsewhere, create the database once, and call close() when it is not needed any more.`,
    )
  }
  series.delay = Math.min(series.delay === 0 ? firstDelay : 2 * series.delay, maxDelay)
  return series.delay
}

/**
 * Counts a database that was created, as soon as a query reads it. With a `delay` it reads so many milliseconds after
 * the query or, by `preload()`, after its creation.
 */
export function watchCreated(db: CreatedDatabase, options: CreationOptions, delay: number): void {
  if (typeof window === 'undefined') return
  const series = seriesOf(options)
  if (delay > 0) delayPreload(db, delay)
  let isRead = false
  const onRead = (): void => {
    if (isRead) return
    isRead = true
    if (!exempt.has(db)) {
      series.open++
      series.lastRead = performance.now()
    }
    if (delay > 0) setTimeout(() => startIfRead(db), delay)
  }
  for (const collection of collectionsOf(db)) {
    collection.on('subscribers:change', onRead)
    // Read without a subscription, by `preload()` of the collection.
    if (delay > 0) collection.on('status:loading', onRead)
  }
  db.subscribeStatus(({ name }) => {
    if (name === 'closed' && isRead && !exempt.has(db)) series.open--
  })
}

/** Does not count a database: something else closes it, and keeps it from being created in every render. */
export function exemptCreated(db: object): void {
  exempt.add(db)
}

/** Returns the URL that the options name, as text. */
export function streamUrlOf({ stream, streamOptions }: Omit<CreationOptions, 'state'>): string {
  return String(stream?.url ?? streamOptions?.url)
}

/** Returns what can be compared of a definition: its collections without their schemas. */
export function describeDefinition(state: StateDefinition): string {
  return JSON.stringify(Object.entries(state).map(([name, { type, primaryKey }]) => [name, type, primaryKey]))
}

function seriesOf(options: CreationOptions): Series {
  const description = `${streamUrlOf(options)} ${describeDefinition(options.state)}`
  const now = performance.now()
  for (const [key, { lastRead, delay }] of allSeries) {
    if (now - lastRead > period + delay) allSeries.delete(key)
  }
  let series = allSeries.get(description)
  if (series === undefined) allSeries.set(description, (series = { open: 0, lastRead: now, delay: 0 }))
  return series
}

function delayPreload(db: CreatedDatabase, delay: number): void {
  const preload = db.preload.bind(db)
  const delayed = new Promise<void>((resolve) => setTimeout(resolve, delay))
  Object.assign(db, {
    preload(...options: Parameters<typeof preload>): Promise<void> {
      const loaded = delayed.then(() => preload(...options))
      // `void db.preload()` is a way to call it; its failure is in the status as well.
      loaded.catch(() => undefined)
      return loaded
    },
  })
}

function startIfRead(db: CreatedDatabase): void {
  // The render that read it was thrown away, or another one has replaced it.
  const isUnread = collectionsOf(db).every(({ subscriberCount, status }) => {
    return subscriberCount === 0 && status !== 'loading'
  })
  if (db.status.name === 'idle' && !isUnread) void db.preload()
}

function collectionsOf(db: CreatedDatabase): AnyCollection[] {
  return Object.values(db.collections) as AnyCollection[] // whatever their rows are
}
