import { createCollection } from '@tanstack/db'
import type { AnyCollection, CollectionWriter } from './types.ts'

/** Publishes changes of several collections at once: the database's collections. */
export interface Publisher {
  publish(collections: Iterable<AnyCollection>, change: () => void): void
}

/** Runs `commits`, which change `collections`, and publishes all of their changes at once. */
export type Publish = (collections: Iterable<AnyCollection>, commits: () => void) => void

/**
 * Returns a `Publish` of its own; it creates nothing before it is called.
 *
 * Two tricks. Live queries run when TanStack's outermost publication ends, so what is committed inside a listener of a
 * small trigger collection is one run of every live query (SPEC fact 3; contract/publication.test.ts). And
 * `_deferPublication` holds the events of each collection until the others have committed as well, so that a listener
 * of `subscribeChanges` that looks into another collection finds the same transaction there
 * (contract/deferral.test.ts).
 *
 * Every commit runs and every listener is called, whatever another throws; then the first error is thrown. Upstream: a
 * public transaction over several collections would replace both;none is filed for eager sources.
 * Where `_deferPublication` is gone, listeners see the collections one after another, and live queries are still right.
 */
export function createPublish(): Publish {
  let trigger: Trigger | undefined
  return (collections, commits) => {
    trigger ??= createTrigger()
    trigger.run(() => {
      const errors: unknown[] = []
      const attempt = (run: () => void): void => {
        try {
          run()
        } catch (error) {
          errors.push(error)
        }
      }
      const deferrals = Array.from(collections, defer)
      attempt(commits)
      for (const publish of deferrals) attempt(publish)
      if (errors.length > 0) throw errors[0]
    })
  }
}

/** Holds the events of a collection; returns what publishes them. */
export function defer(collection: Partial<Pick<AnyCollection, '_deferPublication'>>): () => void {
  const deferral = collection._deferPublication?.()
  return () => deferral?.publish()
}

/**
 * Commits, and publishes when that is over: TanStack takes no further commit of a collection before. A live query that
 * joins a collection with itself asks, as it is told of a row, for rows of that same collection, and they would come with
 * a second publication (contract/deferral.test.ts). Such a query subscribes twice; with one subscription the deferral would
 * be 4 us of every live event, and nothing more.
 */
export function commitBeforePublishing<Receipt>(
  collection: Partial<Pick<AnyCollection, '_deferPublication' | 'subscriberCount'>>,
  commit: () => Receipt,
): Receipt {
  if (collection.subscriberCount === 1) return commit()
  const publish = defer(collection)
  try {
    return commit()
  } finally {
    publish()
  }
}

interface Trigger {
  /** Runs `inside` while a publication of the trigger collection is under way; throws what it throws. */
  run(inside: () => void): void
}

let triggers = 0

function createTrigger(): Trigger {
  let writer: CollectionWriter | undefined
  let inside: (() => void) | undefined
  let round = 0
  const collection = createCollection<{ id: string; round: number }, string>({
    id: `streamdb-trigger-${++triggers}`,
    getKey: (row) => row.id,
    gcTime: 0,
    startSync: true,
    sync: {
      rowUpdateMode: 'full',
      sync: (params) => {
        writer = params as unknown as CollectionWriter // only ever given rows of this collection
        params.markReady()
      },
    },
  })
  collection.subscribeChanges(() => inside?.(), { includeInitialState: false })
  return {
    run(what) {
      if (inside !== undefined) return what() // inside one already
      if (writer === undefined) return
      inside = what
      try {
        writer.begin()
        writer.write({ type: 'update', key: 'round', value: { id: 'round', round: round++ } })
        // Only this function writes to this collection, so the receipt is not needed.
        void writer.commit()
      } finally {
        inside = undefined
      }
    },
  }
}
