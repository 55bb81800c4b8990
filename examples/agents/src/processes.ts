import { createStateSchema, createStreamDB } from '@streamdb/react'
import { z } from 'zod'
import type { OwnNetwork } from './own-network.ts'

const process = z.object({
  id: z.string(),
  state: z.enum(['starting', 'running', 'stopped']),
  pid: z.number().optional(),
  reason: z.string().optional(),
})

/** How an agent's process is. */
export type AgentProcess = z.output<typeof process>

/** Opens the list of the agents' processes, which the server writes. */
export function openProcesses(url: string, fetch: OwnNetwork['fetch']) {
  const state = createStateSchema({
    processes: { schema: process, type: 'process', primaryKey: 'id' },
  })
  return createStreamDB({ streamOptions: { url, fetch, warnOnHttp: false }, state })
}

/** Starts the process of an agent, or kills it without asking. */
export async function command(agent: string, verb: 'start' | 'kill'): Promise<void> {
  const response = await fetch(`/agents/${agent}/${verb}`, { method: 'POST' })
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
}
