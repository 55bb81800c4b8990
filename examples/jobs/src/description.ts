import { z } from 'zod'

const description = z.object({
  /** The address of the page that lists all examples; absent where this one runs by itself. */
  home: z.url({ protocol: /^https?$/ }).optional(),
  /** The path of the stream. */
  stream: z.string(),
  /** The folders below which jobs may work. */
  roots: z.array(z.string()),
  /** The names of all workers, whether they run or not. */
  workers: z.array(z.string()),
  /** Milliseconds after which a silent worker has lost its job. */
  lease: z.number(),
  /** So many finished jobs are kept. */
  keep: z.number(),
})

/** What the server says of itself. */
export type Description = z.output<typeof description>

/** Asks the server; rejects when it does not answer, or answers something else. */
export async function describe(): Promise<Description> {
  const response = await fetch('/jobs.json')
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
  return description.parse(await response.json())
}

/** Asks the server to start, kill, freeze or thaw the process of a worker; rejects when it does not. */
export async function command(worker: string, verb: 'start' | 'kill' | 'freeze' | 'thaw'): Promise<void> {
  const response = await fetch(`/workers/${worker}/${verb}`, { method: 'POST' })
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
}
