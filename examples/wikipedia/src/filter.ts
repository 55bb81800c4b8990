import { createLiveQueryCollection } from '@streamdb/react'
import type { Database } from './database.ts'
import type { Change } from './state.ts'

/** Which changes are shown. */
export interface Filter {
  readonly text: string
  readonly wiki: string
  readonly type: string
  readonly namespace: string
  readonly bots: 'all' | 'bots' | 'people'
}

/** The filter that excludes nothing. */
export const everything: Filter = { text: '', wiki: '', type: '', namespace: '', bots: 'all' }

/** Tells whether a filter excludes anything. */
export function isNarrow(filter: Filter): boolean {
  return formatFilter(filter) !== ''
}

/** Reads the query of an address: `?wiki=enwiki&bots=people`. */
export function parseFilter(query: string): Filter {
  const parameters = new URLSearchParams(query)
  const read = (name: string) => parameters.get(name) ?? ''
  const bots = (['bots', 'people'] as const).find((each) => each === read('bots')) ?? 'all'
  const namespace = /^-?\d{1,6}$/.test(read('namespace')) ? read('namespace') : ''
  return { text: read('text'), wiki: read('wiki').trim(), type: read('type'), namespace, bots }
}

/** Returns the query of an address; `''` where the filter excludes nothing. */
export function formatFilter({ bots, ...texts }: Filter): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(texts)) if (value.trim() !== '') parameters.set(name, value)
  if (bots !== 'all') parameters.set('bots', bots)
  return parameters.size === 0 ? '' : `?${parameters}`
}

/** Tells whether a filter shows a change: the words of its text are anywhere in the title, the user or the comment. */
export function matches(filter: Filter, change: Omit<Change, 'id' | 'position' | 'at'>): boolean {
  const { text, wiki, type, namespace, bots } = filter
  if (wiki !== '' && change.wiki !== wiki) return false
  if (type !== '' && change.type !== type) return false
  if (namespace !== '' && change.namespace !== Number(namespace)) return false
  if (bots !== 'all' && change.bot !== (bots === 'bots')) return false
  const words = wordsOf(text)
  if (words.length === 0) return true
  const content = `${change.title}\n${change.user}\n${change.comment}`.toLowerCase()
  return words.every((word) => content.includes(word))
}

/** The changes that a filter shows, newest first, live. */
export type FilteredChanges = ReturnType<typeof createFiltered>

/** Creates the live query of the changes that a filter shows. */
export function createFiltered({ changes }: Database['collections'], filter: Filter) {
  return createLiveQueryCollection({
    query: (q) => {
      const all = q.from({ change: changes }).orderBy(({ change }) => change.position, 'desc')
      return isNarrow(filter) ? all.fn.where(({ change }) => matches(filter, change)) : all
    },
    getKey: ({ id }) => id,
  })
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}
