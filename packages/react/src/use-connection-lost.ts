'use client'

import { useEffect, useState } from 'react'
import { useStreamStatus } from './use-stream-status.ts'
import type { StatusSource } from './use-stream-status.ts'

/**
 * Tells whether the connection of `db`, or of the nearest provider's database, has been lost for `delay` milliseconds,
 * so that a blink shows no banner; false at once when it is back.
 */
export function useConnectionLost(delay = 1_000, db?: StatusSource): boolean {
  const status = useStreamStatus(db)
  const since = status.name === 'reconnecting' && status.since
  const [lost, setLost] = useState<number>()
  useEffect(() => {
    if (since === false) return undefined
    const timer = setTimeout(() => setLost(since), since + delay - Date.now())
    return () => clearTimeout(timer)
  }, [since, delay])
  return lost === since
}
