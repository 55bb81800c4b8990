import { z } from 'zod'

const description = z.object({
  /** The address of the page that lists all examples; absent where this one runs by itself. */
  home: z.url({ protocol: /^https?$/ }).optional(),
  /** The path of the stream that is written now. */
  stream: z.string(),
  /** The address of the server-sent events. */
  source: z.string(),
  /** How many of the newest changes are kept. */
  keep: z.number(),
  /** Changes a second that a replay can be asked for. */
  speeds: z.array(z.number()),
  /** The name of the file that can be replayed; absent when there is none. */
  replay: z.string().optional(),
})

/** What the server says of itself. */
export type Description = z.output<typeof description>

/** Asks the server; rejects when it does not answer, or answers something else. */
export async function describe(): Promise<Description> {
  const response = await fetch('/wikipedia.json')
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
  return description.parse(await response.json())
}

/** Asks the server to read from another source: `live`, `replay/50`, `synthetic/500`; rejects when it does not. */
export async function chooseSource(name: string): Promise<void> {
  const response = await fetch(`/source/${name}`, { method: 'POST' })
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
}
