import { useLiveQuery } from '@streamdb/react'
import { useCallback, useSyncExternalStore } from 'react'
import type { Room } from './room.ts'
import type { TypistView } from './views.ts'

/** Returns who is writing now. Time alone ends it: who closed the window says nothing any more. */
export function useTypists({ views }: Room): readonly TypistView[] {
  const { data } = useLiveQuery(views.typists)
  const subscribe = useCallback((listener: () => void) => atEveryEnd(data, listener), [data])
  const next = useSyncExternalStore(subscribe, () => nextEnd(data))
  return data.filter(({ until }) => until >= next)
}

/** When the next of them stops; never, when all have. */
function nextEnd(typists: readonly TypistView[]): number {
  const now = Date.now()
  return Math.min(...typists.map(({ until }) => until).filter((until) => until > now))
}

/** Calls `listener` whenever one of them stops; returns what ends it. */
function atEveryEnd(typists: readonly TypistView[], listener: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => {
    const next = nextEnd(typists)
    if (next === Infinity) return
    timer = setTimeout(() => {
      listener()
      wait()
    }, next - Date.now())
  }
  wait()
  return () => clearTimeout(timer)
}
