import type { EventStore } from '../model/event-store.ts'
import type { TimelineLine } from '../model/timeline.ts'
import { timeOf } from '../model/event-facts.ts'
import { whoWrote } from '../model/who-wrote.ts'
import { EffectBadge } from './badge.tsx'
import { formatNumber, formatSize, formatTime, plural, previewRow } from './format.ts'
import { Icon } from './icons.tsx'

interface TimelineRowProps {
  readonly store: EventStore
  readonly line: TimelineLine
}

/** The cells of a line: an event, or a transaction of several. */
export function TimelineRow({ store, line }: TimelineRowProps) {
  return line.type === 'event' ? (
    <EventCells store={store} line={line} />
  ) : (
    <GroupCells store={store} line={line} />
  )
}

function EventCells({ store, line }: { store: EventStore; line: TimelineLine & { type: 'event' } }) {
  const event = store.get(line.number)
  if (event === undefined) return null
  const { item, effect } = event
  // Any JSON.
  const { value } = Object(item) as { readonly value?: unknown }
  const rest = effect === 'invalid' || effect === 'restart' || event.type === '' ? item : value
  return (
    <>
      <span className="cell cell-number">{formatNumber(event.number)}</span>
      <span className="cell cell-time">{formatTime(timeOf(event))}</span>
      <span className="cell cell-effect">
        {line.isInGroup && <span className="indent" />}
        <EffectBadge effect={effect} isInvalid={event.isInvalid} />
      </span>
      <span className="cell cell-type">{event.type}</span>
      <span className="cell cell-key">{event.key}</span>
      <span className="cell cell-value">{previewRow(rest, event.key)}</span>
      <span className="cell cell-who">{whoWrote(item) ?? (event.isOwn ? 'this client' : '')}</span>
      <span className="cell cell-size">{formatSize(event.text.length)}</span>
    </>
  )
}

function GroupCells({ store, line }: { store: EventStore; line: TimelineLine & { type: 'group' } }) {
  const first = store.get(line.first)
  if (first === undefined) return null
  const { types, characters } = summaryOf(store, line)
  return (
    <>
      <span className="cell cell-number">{formatNumber(first.number)}</span>
      <span className="cell cell-time">{formatTime(timeOf(first))}</span>
      <span className="cell cell-effect">
        <span className={line.isOpen ? 'twist open' : 'twist'}>
          <Icon name="chevron" />
        </span>
        <span className="badge badge-group">{plural(line.count, 'event')}</span>
      </span>
      <span className="cell cell-type cell-txid" title={first.txid}>
        {first.txid}
      </span>
      <span className="cell cell-value">{types}</span>
      <span className="cell cell-who">{whoWrote(first.item) ?? (first.isOwn ? 'this client' : '')}</span>
      <span className="cell cell-size">{formatSize(characters)}</span>
    </>
  )
}

/** A large transaction is summed up by its first events. */
const mostSummed = 200

function summaryOf(store: EventStore, { first, count }: { first: number; count: number }) {
  const types = new Map<string, number>()
  let characters = 0
  const summed = Math.min(count, mostSummed)
  for (let number = first; number < first + summed; number++) {
    const type = store.rows.typeOf(store.rowOf(number)) || 'control'
    types.set(type, (types.get(type) ?? 0) + 1)
    characters += store.textOf(number).length
  }
  const parts = Array.from(types, ([type, each]) => `${formatNumber(each)} × ${type}`)
  return { types: `${parts.join(', ')}${summed < count ? ', …' : ''}`, characters }
}
