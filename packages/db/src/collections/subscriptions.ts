import type { Reporter } from '../report.ts'
import type { CollectionWriters } from './collection-writers.ts'
import type { AnyCollection, SubscribeOptions, Subscription } from './types.ts'

type Listener = (changes: Parameters<Subscription['emitEvents']>[0]) => void

/**
 * Registers every subscription of a collection with its writers, and catches errors of listeners: a listener that throws does not
 * refuse a local write, and does not prevent calls of other listeners (F-real-64).
 */
export function interceptSubscriptions(
  collection: AnyCollection,
  name: string,
  { writers, reporter }: { readonly writers: CollectionWriters; readonly reporter: Reporter },
): void {
  const subscribe = collection.subscribeChanges.bind(collection)
  Object.assign(collection, {
    subscribeChanges: (listener: Listener, options: SubscribeOptions = {}) => {
      writers.beforeRead()
      const reported: Listener = (changes) => {
        try {
          listener(changes)
        } catch (error) {
          reporter.report(error, `A listener of the collection "${name}"`)
        }
      }
      const subscription = subscribe(reported, options)
      writers.addSubscription(collection, subscription, options)
      return subscription
    },
  })
}
