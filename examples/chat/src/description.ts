import { z } from 'zod'

const description = z.object({
  rooms: z.array(z.object({ id: z.string(), name: z.string(), about: z.string(), stream: z.string() })),
  people: z.array(z.object({ id: z.string(), name: z.string() })),
  /** What can be attached to a message. */
  files: z.object({ types: z.array(z.string()), maxBytes: z.number() }),
  /** The address of the page that lists all examples; absent where this one runs by itself. */
  home: z.url({ protocol: /^https?$/ }).optional(),
})

/** What the server offers: rooms, the people who may be in them, and what leads elsewhere. */
export type Description = z.output<typeof description>
/** Where a room is. */
export type RoomPlace = Description['rooms'][number]
/** Somebody who may take part. */
export type Person = Description['people'][number]
/** Which files the server stores. */
export type FileLimits = Description['files']

/** Asks the server what it offers; rejects when it does not answer, or answers something else. */
export async function describe(): Promise<Description> {
  const response = await fetch('/chat.json')
  if (!response.ok) throw new Error(`The server answered ${response.status}: ${await response.text()}`)
  return description.parse(await response.json())
}
