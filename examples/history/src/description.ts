import { z } from 'zod'

const description = z.object({
  repository: z.string(),
  /** Absent when HEAD is detached. */
  branch: z.string().optional(),
  head: z.string().optional(),
  /** How many commits HEAD reaches: as many as the log will hold when it is complete. */
  commits: z.number(),
  /** Where the log is. */
  stream: z.string(),
})

/** What the server shows, as it is now. */
export type Description = z.output<typeof description>

/** Asks the server what it shows; rejects when it does not answer, or answers something else. */
export async function describe(): Promise<Description> {
  const response = await fetch('/history.json')
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
  return description.parse(await response.json())
}
