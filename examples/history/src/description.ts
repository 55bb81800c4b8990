import { z } from 'zod'

const description = z.object({
  repository: z.string(),
  /** Absent when HEAD is detached. */
  branch: z.string().optional(),
  head: z.string().optional(),
  /** How many commits HEAD reaches, which is how many a complete log holds. */
  commits: z.number(),
  /** The address of the page that lists all examples; absent where this one runs by itself. */
  home: z.url({ protocol: /^https?$/ }).optional(),
  /** The path of the log. */
  stream: z.string(),
})

/** What the server shows now. */
export type Description = z.output<typeof description>

/** Asks the server what it shows; rejects when it does not answer, or answers something else. */
export async function describe(): Promise<Description> {
  const response = await fetch('/history.json')
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
  return description.parse(await response.json())
}
