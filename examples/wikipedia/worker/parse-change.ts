import { z } from 'zod'
import type { Change } from '../src/state.ts'

/** A change, before it has a place in the stream. */
export type NewChange = Omit<Change, 'position' | 'origin'>

const text = (max: number) => z.string().transform((value) => value.slice(0, max))

/** An event of Wikimedia's `recentchange`, as far as it is shown: https://schema.wikimedia.org, mediawiki/recentchange. */
const recentChange = z.object({
  meta: z.object({
    id: z.string().max(150),
    dt: z.iso.datetime({ offset: true }),
    domain: z.string().optional(),
    uri: z.string().optional(),
  }),
  type: text(40),
  wiki: text(100),
  namespace: z.int().optional(),
  title: text(500).optional(),
  user: text(300),
  bot: z.boolean().optional(),
  minor: z.boolean().optional(),
  comment: text(500).nullish(),
  length: z.object({ old: z.int().nullish(), new: z.int().nullish() }).nullish(),
  notify_url: z.string().nullish(),
})

/** What came of an event. */
export type ParsedChange =
  | { readonly type: 'change'; readonly change: NewChange }
  /** Sent by Wikimedia to see that events flow at all; consumers are to leave it out. */
  | { readonly type: 'canary' }
  | { readonly type: 'invalid'; readonly why: string }

/** Reads the data of an event; never throws. */
export function parseChange(data: string): ParsedChange {
  let json: unknown
  try {
    json = JSON.parse(data)
  } catch (error) {
    return { type: 'invalid', why: String(error) }
  }
  const { success, data: event, error } = recentChange.safeParse(json)
  if (!success) return { type: 'invalid', why: z.prettifyError(error) }
  if (event.meta.domain === 'canary') return { type: 'canary' }
  const {
    meta,
    type,
    wiki,
    namespace = 0,
    title = '',
    user,
    bot = false,
    minor = false,
    comment,
    length,
  } = event
  const url = [event.notify_url, meta.uri].find((each) => typeof each === 'string' && isHttpUrl(each))
  const change: NewChange = {
    ...{ id: meta.id, at: Date.parse(meta.dt), wiki, type, namespace, title, user, bot, minor },
    ...{ comment: comment ?? '', ...(typeof url === 'string' && { url }) },
    ...(typeof length?.new === 'number' && { delta: length.new - (length.old ?? 0) }),
  }
  return { type: 'change', change }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
