import { Store } from '@streamdb/example-shared/page'
import { useReadable } from '@streamdb/react'
import { useEffect } from 'react'
import { formatRoute, parseRoute } from './route.ts'
import type { Route } from './route.ts'

/** Browsers limit how often an address may change; what is typed reaches it after this time, in milliseconds. */
const typingDelay = 300

const route = new Store(parseRoute(location.search))
let timer: ReturnType<typeof setTimeout> | undefined

/** Returns what the page's address says. */
export function useRoute(): Route {
  useEffect(() => {
    const follow = () => route.set(parseRoute(location.search))
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [])
  return useReadable(route)
}

/** Goes to another filter or commit, as one step that the Back button undoes. */
export function navigate(change: Partial<Route>): void {
  clearTimeout(timer)
  const next = { ...route.get(), ...change }
  if (formatRoute(next) === formatRoute(route.get())) return
  history.pushState(undefined, '', addressOf(next))
  route.set(next)
}

/** Changes the address without a step for the Back button: for what is typed, letter by letter. */
export function amend(change: Partial<Route>): void {
  const next = { ...route.get(), ...change }
  route.set(next)
  clearTimeout(timer)
  timer = setTimeout(() => history.replaceState(undefined, '', addressOf(next)), typingDelay)
}

/** Returns the address of a route: its query, or the path where there is none. */
export function addressOf(to: Route): string {
  return formatRoute(to) || location.pathname
}
