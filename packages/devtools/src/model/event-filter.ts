import type { Effect } from './event-block.ts'
import { effectCode } from './event-block.ts'
import type { EventStore } from './event-store.ts'

/** Which events are shown. What is absent or empty excludes nothing. */
export interface EventFilter {
  readonly types?: ReadonlySet<string> | undefined
  readonly effects?: ReadonlySet<Effect> | undefined
  /** The key begins with, or is, this. */
  readonly key?: string | undefined
  /** The transaction's id begins with, or is, this. */
  readonly txid?: string | undefined
  /** The event's JSON contains this; upper and lower case are the same. */
  readonly text?: string | undefined
  /** Only those of this client's own writes. */
  readonly own?: boolean | undefined
}

/** Tells whether a filter lets everything pass. */
export function isEmptyFilter({ types, effects, key, txid, text, own }: EventFilter): boolean {
  const chosen = (types?.size ?? 0) + (effects?.size ?? 0)
  return chosen === 0 && !key && !txid && !text && own !== true
}

/**
 * Reads a search: words are looked for in the JSON, and `type:`, `key:`, `tx:`, `op:` and `is:own` name parts of an event.
 * Quotes keep a phrase together.
 */
export function parseSearch(search: string): EventFilter {
  const types = new Set<string>()
  const effects = new Set<Effect>()
  const words: string[] = []
  const found: { key?: string; txid?: string; own?: boolean } = {}
  for (const [, name = '', quoted, plain = ''] of search.matchAll(/(?:(\w+):)?(?:"([^"]*)"?|(\S+))/g)) {
    const word = quoted ?? plain
    if (name === 'type') types.add(word)
    else if (name === 'op')
      effects.add(word as Effect) // one that is no effect matches nothing
    else if (name === 'key') found.key = word
    else if (name === 'tx' || name === 'txid') found.txid = word
    else if (name === 'is' && word === 'own') found.own = true
    else words.push(name === '' ? word : `${name}:${word}`)
  }
  return { types, effects, text: words.join(' '), ...found }
}

/** Tells whether an event passes; made once for a filter. */
export type Matcher = (number: number) => boolean

/** Returns the matcher of a filter. It looks at columns first, and at an event's text last. */
export function matcherOf(filter: EventFilter, store: EventStore): Matcher {
  const { rows } = store
  const codes = new Set([...(filter.effects ?? [])].map(effectCode))
  const types = filter.types ?? new Set()
  const pattern = filter.text ? new RegExp(escape(filter.text), 'i') : undefined
  // As JSON spells it; the event's own headers are parsed only where this is in its text.
  const txid = filter.txid ? JSON.stringify(filter.txid).slice(1, -1) : undefined
  return (number) => {
    if (codes.size > 0 && !codes.has(store.effectOf(number))) return false
    if (types.size > 0 && !types.has(rows.typeOf(store.rowOf(number)))) return false
    if (filter.key && !rows.name(store.rowOf(number)).key.startsWith(filter.key)) return false
    if (filter.own === true && store.get(number)?.isOwn !== true) return false
    if (txid !== undefined) {
      if (!store.textOf(number).includes(txid)) return false
      if (store.get(number)?.txid?.startsWith(filter.txid ?? '') !== true) return false
    }
    return pattern === undefined || pattern.test(store.textOf(number))
  }
}

/** Returns what tells that no event of a block passes, without a look at each; nothing where it cannot tell. */
export function blockPattern({ text, txid }: EventFilter): RegExp | undefined {
  if (text) return new RegExp(escape(text), 'i')
  return txid ? new RegExp(escape(JSON.stringify(txid).slice(1, -1))) : undefined
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
