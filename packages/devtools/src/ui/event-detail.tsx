import { offsetOf, timeOf } from '../model/event-facts.ts'
import { changedFields, rowChanges } from '../model/row-changes.ts'
import { toTest } from '../model/to-test.ts'
import { whoWrote } from '../model/who-wrote.ts'
import { EffectBadge } from './badge.tsx'
import { CopyButton } from './copy-button.tsx'
import { FieldChanges } from './field-changes.tsx'
import { formatNumber, formatSize, formatTime } from './format.ts'
import { Icon } from './icons.tsx'
import { useInspector } from './inspector-context.ts'
import { JsonView } from './json-view.tsx'
import { SidePanel } from './side-panel.tsx'

interface EventDetailProps {
  readonly number: number
  readonly onClose: () => void
}

/** An event: where it lies, what it changed, and how it came. */
export function EventDetail({ number, onClose }: EventDetailProps) {
  const { source, openRow, openPane, setPosition, setSearch } = useInspector()
  const { store, invalid } = source.model
  const event = store.get(number)
  if (event === undefined) return null
  const { type, key, txid, effect, isInvalid, item, text, batch } = event
  const changes = type === '' ? [] : rowChanges(store, type, key)
  const change = changes.find((each) => each.event.number === number)
  const issue = invalid.list().find((each) => each.number === number)
  // Any JSON.
  const { value } = Object(item) as { readonly value?: unknown }
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Time', formatTime(timeOf(event))],
    ['Offset', offsetOf(event)],
    ['Batch ends at', batch.offset],
    ['Transaction', txid],
    ['Who', whoWrote(item) ?? (event.isOwn ? 'this client' : undefined)],
    ['Size', formatSize(text.length)],
  ]

  return (
    <SidePanel
      title={`Event ${formatNumber(number)}`}
      badge={<EffectBadge effect={effect} isInvalid={isInvalid} />}
      onClose={onClose}
    >
      {type !== '' && (
        <p className="subject">
          <span className="subject-type">{type}</span> <span className="subject-key">{key}</span>
        </p>
      )}
      {issue !== undefined && <p className="problem">{issue.message}</p>}
      <div className="actions">
        {value !== undefined && (
          <CopyButton label="Copy JSON" text={() => JSON.stringify(value, undefined, 2)} />
        )}
        <CopyButton label="Copy event" text={() => text} />
        <CopyButton
          label="Copy as test"
          text={() => toTest(store, upTo(number, changes), `event ${number}`)}
        />
        {type !== '' && (
          <button
            type="button"
            className="button"
            onClick={() => {
              openRow({ type, key })
              openPane('tables')
            }}
          >
            Row history
          </button>
        )}
        {txid !== undefined && (
          <button type="button" className="button" onClick={() => setSearch(`tx:${quote(txid)}`)}>
            Whole transaction
          </button>
        )}
        <button type="button" className="button" onClick={() => setPosition(number + 1)}>
          <Icon name="clock" /> Go to this point
        </button>
      </div>
      <dl className="facts">
        {facts.map(([name, fact]) =>
          fact === undefined || fact === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{fact}</dd>
            </div>
          ),
        )}
      </dl>
      {change !== undefined && change.fields.length > 0 && (
        <>
          <h3>Changed</h3>
          <FieldChanges fields={change.fields} />
        </>
      )}
      {change !== undefined &&
        change.fields.length === 0 &&
        changedFields(change.value, value).length === 0 && (
          <p className="hint">The row is as it was before.</p>
        )}
      <h3>Event</h3>
      <JsonView value={item} label="The event as JSON" />
    </SidePanel>
  )
}

/** The events of the same row up to this one; this one alone where it has no row. */
function upTo(number: number, changes: ReturnType<typeof rowChanges>): readonly number[] {
  const before = changes.map(({ event }) => event.number).filter((each) => each <= number)
  return before.length === 0 ? [number] : before
}

function quote(text: string): string {
  return /\s/.test(text) ? `"${text}"` : text
}
