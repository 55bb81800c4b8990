import { shownQueries, sourcesOf } from '@streamdb/db'
import type { OutboxEntry, TabsStatus } from '@streamdb/db'
import type { InspectorModel } from '../model/inspector-model.ts'
import { collectionsOf } from './inspected-database.ts'
import type { InspectedCollection, InspectedDatabase, NamedCollection } from './inspected-database.ts'
import type { DatabaseFacts, OutboxFact, QueryFact } from './source.ts'
import { errorOf } from './status-words.ts'

/** Returns what only a database knows. */
export function databaseFacts(db: InspectedDatabase, model: InspectorModel): DatabaseFacts {
  const { outbox, storage } = db
  const collections = collectionsOf(db)
  return {
    collections,
    queries: () => queriesOf(collections),
    subscribe(run) {
      const ends = [
        model.store.subscribe(run),
        model.writes.subscribe(run),
        outbox?.subscribe(run),
        storage?.tabs.subscribe(run),
        storage?.status.subscribe(run),
      ]
      return () => ends.forEach((end) => end?.())
    },
    outbox: () => outbox?.get().map(toOutboxFact),
    retryWrite: (txid) => void outbox?.retry(txid),
    discardWrite: (txid) => outbox?.discard(txid),
    tabs: () => storage && tabsInWords(storage.tabs.get()),
    storage: () => {
      const status = storage?.status.get()
      if (status === undefined) return undefined
      return { name: status.name, ...('savedAt' in status && { savedAt: status.savedAt }) }
    },
    offset: () => db.offset,
    overlay: () => overlayOf(model),
  }
}

/** The queries that read one of these collections; a collection that is shown as it is counts as one. */
function queriesOf(collections: readonly NamedCollection[]): readonly QueryFact[] {
  return shownQueries().flatMap(({ collection, since, readyAfter }) => {
    const read = new Set<unknown>(sourcesOf(collection).map((source) => source.collection))
    const sources = collections.filter((each) => read.has(each.collection)).map(({ name }) => name)
    if (sources.length === 0) return []
    // TanStack's collection, as the hook was given it.
    const { id, status, size, subscriberCount } = collection as InspectedCollection
    return [{ id, status, sources, since, readyAfter, rows: size, subscribers: subscriberCount }]
  })
}

function toOutboxFact({ txid, action, state, attempts, createdAt, events }: OutboxEntry): OutboxFact {
  return {
    ...{ txid, action, attempts, createdAt, state: state.name, events: events.length },
    error: state.name === 'refused' ? errorOf(state.error) : undefined,
  }
}

/** Why a tab works alone, in words. */
const reasons = {
  'turned-off': 'the option `tabs` is false',
  'not-shared': 'what is stored is not shared with other tabs',
  'no-web-locks': 'the browser has no Web Locks on this page',
  'no-channel': 'the browser has no BroadcastChannel',
  'other-version': 'another tab runs another version of the application',
  cleared: 'the storage was cleared',
  'storage-failed': 'the storage cannot be used',
} as const satisfies Record<Extract<TabsStatus, { readonly role: 'alone' }>['reason'], string>

function tabsInWords(tabs: TabsStatus): { readonly role: string; readonly detail: string } {
  switch (tabs.role) {
    case 'undecided':
      return { role: 'undecided', detail: 'Nothing was read yet.' }
    case 'leader':
      return { role: 'leader', detail: 'This tab reads the log, stores it, and appends, for all tabs.' }
    case 'follower':
      return { role: 'follower', detail: 'Another tab leads; this one shows what that reads.' }
    case 'alone':
      return { role: 'alone', detail: `This tab does everything for itself: ${reasons[tabs.reason]}.` }
  }
}

/** Rows as this client's unconfirmed writes show them, the oldest write first. */
function overlayOf({ writes }: InspectorModel): ReadonlyMap<string, ReadonlyMap<string, unknown>> {
  const overlay = new Map<string, Map<string, unknown>>()
  const pending = writes.list().filter(({ state }) => state === 'pending' || state === 'acknowledged')
  for (const { rows } of [...pending].reverse()) {
    for (const { type, key, after } of rows) {
      const ofType = overlay.get(type) ?? new Map<string, unknown>()
      overlay.set(type, ofType.set(key, after))
    }
  }
  return overlay
}
