import { useEffect, useState } from 'react'

/** Something that tells of its changes. */
export type Subscribe = (run: () => void) => () => void

/** Renders are at least this far apart, in milliseconds: a burst of events is one. */
const interval = 40

/** Renders again after changes, at most 25 times a second. Returns what changes with each. */
export function useChanges(subscribe: Subscribe): number {
  const [version, setVersion] = useState(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const change = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined
        setVersion((before) => before + 1)
      }, interval)
    }
    // What changed before this was subscribed.
    change()
    const end = subscribe(change)
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [subscribe])
  return version
}
