'use client'

import { useCallback, useRef, useSyncExternalStore } from 'react'
import { Listeners } from '@streamdb/log'
import type { SessionDefinitions } from '../session-state.ts'
import type { AnySession } from './any-session.ts'

/** What tells of the changes of a collection. */
interface Changing {
  subscribeChanges(run: () => void): { unsubscribe(): void }
}

/**
 * Returns what `select` returns, again when one of these collections changes; the same value while it is equal to the last
 * one: the same members of an array, the same fields of an object, arrays in it by their members.
 */
export function useSelected<Value>(
  session: AnySession,
  names: readonly (keyof SessionDefinitions)[],
  select: () => Value,
): Value {
  const last = useRef<{ readonly value: Value } | undefined>(undefined)
  const read = (): Value => {
    const value = select()
    if (last.current !== undefined && isSame(last.current.value, value, 2)) return last.current.value
    last.current = { value }
    return value
  }
  const subscribe = useCallback(
    (run: () => void) => {
      const stops = names.map((name) => subscribeTo(session.collections[name], run))
      return () => {
        for (const stop of stops) stop()
      }
    },
    // oxlint-disable-next-line react/exhaustive-deps -- each hook names the same collections in every render
    [session],
  )
  return useSyncExternalStore(subscribe, read, read)
}

/** Of each collection one subscription, however many components there are. */
const shared = new WeakMap<object, { readonly listeners: Listeners; stop: (() => void) | undefined }>()

function subscribeTo(collection: Changing, run: () => void): () => void {
  const known = shared.get(collection) ?? { listeners: new Listeners(), stop: undefined }
  shared.set(collection, known)
  if (known.stop === undefined) {
    const subscription = collection.subscribeChanges(() => known.listeners.notify())
    known.stop = () => subscription.unsubscribe()
  }
  const unsubscribe = known.listeners.subscribe(run)
  return () => {
    unsubscribe()
    if (known.listeners.size > 0) return
    known.stop?.()
    known.stop = undefined
  }
}

/** Whether two values are the same, or have the same members, to that depth. Rows keep their identity while nothing changes. */
export function isSame(one: unknown, other: unknown, depth: number): boolean {
  if (Object.is(one, other)) return true
  if (depth === 0 || !isPlain(one) || !isPlain(other)) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => isSame(Reflect.get(one, key), Reflect.get(other, key), depth - 1))
  )
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype
}
