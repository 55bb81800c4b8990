import { useLiveQuery, useStreamDB } from '@streamdb/react'
import type { Database } from './database.ts'
import type { Source } from './state.ts'

/** Returns where changes come from; undefined until that is known. */
export function useSource(): Source | undefined {
  const { sources } = useStreamDB<Database>().collections
  const { data } = useLiveQuery((q) => q.from({ source: sources }).findOne(), [sources])
  return data
}
