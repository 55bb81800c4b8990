import { Store } from '@streamdb/example-shared/page'
import { useReadable } from '@streamdb/react'
import { useEffect } from 'react'
import { states } from './labels.ts'
import type { Job } from './state.ts'

/** What the page's address says: which jobs are listed, and which one is open. */
export interface Route {
  readonly state: Job['state'] | undefined
  readonly job: string | undefined
}

const route = new Store(parseRoute(location.search))

/** Returns what the page's address says. */
export function useRoute(): Route {
  useEffect(() => {
    const follow = () => route.set(parseRoute(location.search))
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [])
  return useReadable(route)
}

/** Goes to another filter or job, as one step that the Back button undoes. */
export function navigate(change: Partial<Route>): void {
  const next = { ...route.get(), ...change }
  const parameters = new URLSearchParams()
  if (next.state !== undefined) parameters.set('state', next.state)
  if (next.job !== undefined) parameters.set('job', next.job)
  history.pushState(undefined, '', parameters.size === 0 ? location.pathname : `?${parameters}`)
  route.set(next)
}

function parseRoute(query: string): Route {
  const parameters = new URLSearchParams(query)
  return {
    state: states.find((state) => state === parameters.get('state')),
    job: parameters.get('job') ?? undefined,
  }
}
