import { z } from 'zod'

const named = z.object({ id: z.string(), name: z.string() })

const description = z.object({
  people: z.array(named),
  /** Those who can be asked, each in a process of its own. */
  agents: z.array(named.extend({ about: z.string() })),
  /** What can be attached to a message. */
  files: z.object({ types: z.array(z.string()), maxBytes: z.number() }),
  /** The address of the page that lists all examples; absent where this one runs by itself. */
  home: z.url({ protocol: /^https?$/ }).optional(),
})

/** What the server offers: who may take part, and what may be attached. */
export type Description = z.output<typeof description>
/** Somebody who may take part. */
export type Person = Description['people'][number]
/** An agent, as the page presents it. */
export type AgentInfo = Description['agents'][number]
/** Which files the server stores. */
export type FileLimits = Description['files']

/** Asks the server what it offers; rejects when it does not answer, or answers something else. */
export async function describe(): Promise<Description> {
  const response = await fetch('/agents.json')
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
  return description.parse(await response.json())
}
