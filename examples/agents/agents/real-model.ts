import type { AgentRun } from '@streamdb/session'

/** A model of a provider. */
export interface RealModel {
  answer(run: AgentRun, options: { readonly name: string; readonly tools: Tools }): Promise<void>
}

/** What it may call, by name; each takes a query. */
export type Tools = Readonly<Record<string, (query: string) => unknown>>

/** Returns the model that the environment names; undefined for the script. */
export async function loadModel(): Promise<RealModel | undefined> {
  return undefined
}
