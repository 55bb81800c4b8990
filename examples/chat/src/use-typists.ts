import { useLiveQuery } from '@streamdb/react'
import { useCallback, useSyncExternalStore } from 'react'
import type { Room } from './room.ts'
import type { TypistView } from './views.ts'

/** Nobody writes for longer without a new note: a later `until` is a wrong clock, and ignored. In milliseconds. */
const longest = 60_000

/** Returns who is writing now. Ends by the clock alone, since a closed window sends nothing. */
export function useTypists({ views }: Room): readonly TypistView[] {
  const { data } = useLiveQuery(views.typists)
  const subscribe = useCallback((listener: () => void) => notifyAtEnds(data, listener), [data])
  // The snapshot must stay equal until somebody stops, so it is the time of the next end.
  const next = useSyncExternalStore(subscribe, () => nextEnd(data))
  return data.filter(({ until }) => until >= next && until < next + longest)
}

/** Returns when the next of them stops; `Infinity` when all have. */
function nextEnd(typists: readonly TypistView[]): number {
  const now = Date.now()
  const ends = typists.map(({ until }) => until).filter((until) => until > now && until < now + longest)
  return Math.min(...ends)
}

/** Calls `listener` whenever one of them stops; returns what unsubscribes it. */
function notifyAtEnds(typists: readonly TypistView[], listener: () => void): () => void {
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
