'use client'

import { useEffect, useState, useSyncExternalStore } from 'react'
import { useDatabase } from './stream-db-provider.ts'
import type { WriteSource } from './use-pending-writes.ts'
import { useStreamStatus } from './use-stream-status.ts'
import type { StatusSource } from './use-stream-status.ts'

/** What `useConnectionLost` follows: every database. */
export interface ConnectionSource extends StatusSource, Partial<WriteSource> {}

/**
 * Tells whether the connection of `db`, or of the nearest provider's database, has been lost for `delay` milliseconds,
 * so that a blink shows no banner; false at once when it is back.
 *
 * It is lost while the status is `reconnecting`, while the browser says that it is offline, and while a write has failed
 * to reach the server and is tried again.
 */
export function useConnectionLost(delay = 1_000, db?: ConnectionSource): boolean {
  const source: ConnectionSource = useDatabase('useConnectionLost', db)
  const status = useStreamStatus(source)
  const isOffline = useSyncExternalStore(subscribeOnline, getOffline, getFalse)
  const isStuck = useSyncExternalStore(
    source.subscribeWrites ?? subscribeNothing,
    () => source.pendingWrites?.some(hasFailed) ?? false,
    getFalse,
  )
  const isBroken = status.name === 'reconnecting' || status.name === 'offline'
  const isLost = isBroken || isOffline || isStuck
  const brokenSince = isBroken ? status.since : undefined
  // For how long it must last from now on: the status knows since when it does, the rest counts from here.
  const [lost, setLost] = useState(false)
  useEffect(() => {
    if (!isLost) return undefined
    const elapsed = brokenSince === undefined ? 0 : Date.now() - brokenSince
    const timer = setTimeout(() => setLost(true), delay - elapsed)
    return () => {
      clearTimeout(timer)
    }
  }, [isLost, brokenSince, delay])
  if (lost && !isLost) setLost(false)
  return lost && isLost
}

/** Whether an attempt to store a write failed, and another one is due. */
function hasFailed(write: object): boolean {
  return 'lastError' in write && write.lastError !== undefined
}

function subscribeOnline(listener: () => void): () => void {
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => undefined
  for (const type of ['online', 'offline']) window.addEventListener(type, listener)
  return () => {
    for (const type of ['online', 'offline']) window.removeEventListener(type, listener)
  }
}

function getOffline(): boolean {
  return typeof navigator !== 'undefined' && (navigator as Partial<Navigator>).onLine === false // absent in React Native
}

function subscribeNothing(): () => void {
  return () => undefined
}

function getFalse(): false {
  return false
}
