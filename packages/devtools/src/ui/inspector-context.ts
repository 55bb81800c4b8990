import { createContext, useContext } from 'react'
import type { InspectorSource } from '../feeds/source.ts'

/** The panes of the inspector, in the order of their keys. */
export const panes = ['timeline', 'tables', 'writes', 'invalid', 'connection', 'queries', 'sizes'] as const

export type Pane = (typeof panes)[number]

/** What each pane is called. */
export const paneTitles: Readonly<Record<Pane, string>> = {
  timeline: 'Timeline',
  tables: 'Tables',
  writes: 'Writes',
  invalid: 'Invalid',
  connection: 'Connection',
  queries: 'Queries',
  sizes: 'Sizes',
}

/** A row that is looked at. */
export interface ChosenRow {
  readonly type: string
  readonly key: string
}

/** What the parts of the inspector share. */
export interface Inspector {
  readonly source: InspectorSource
  /** Which point of the log is shown: the number of the first event that is not in it; absent for the newest. */
  readonly position: number | undefined
  readonly setPosition: (position: number | undefined) => void
  /** The event that is looked at. */
  readonly chosen: number | undefined
  readonly choose: (number: number | undefined) => void
  readonly row: ChosenRow | undefined
  readonly openRow: (row: ChosenRow | undefined) => void
  /** The type whose table is shown; absent for the first. */
  readonly table: string | undefined
  readonly openTable: (type: string | undefined) => void
  readonly search: string
  readonly setSearch: (search: string) => void
  readonly openPane: (pane: Pane) => void
  /** Says something in the corner, and to screen readers. */
  readonly say: (text: string) => void
}

export const InspectorContext: React.Context<Inspector | undefined> = createContext<Inspector | undefined>(
  undefined,
)

/** Returns what the parts of the inspector share. */
export function useInspector(): Inspector {
  const inspector = useContext(InspectorContext)
  if (inspector === undefined) throw new Error('useInspector: expected to be inside of InspectorApp')
  return inspector
}
