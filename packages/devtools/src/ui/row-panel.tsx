import { useState } from 'react'
import { timeOf } from '../model/event-facts.ts'
import { lastChanges, rowChanges } from '../model/row-changes.ts'
import { toTest } from '../model/to-test.ts'
import { EffectBadge } from './badge.tsx'
import { CopyButton } from './copy-button.tsx'
import { FieldChanges } from './field-changes.tsx'
import { formatNumber, formatTime, preview } from './format.ts'
import { useInspector } from './inspector-context.ts'
import type { ChosenRow } from './inspector-context.ts'
import { RowEditor } from './row-editor.tsx'
import { SidePanel } from './side-panel.tsx'
import { useChanges } from './use-changes.ts'

interface RowPanelProps {
  readonly row: ChosenRow
  readonly onClose: () => void
}

/** A row: its fields with who changed each last, and all events of it. */
export function RowPanel({ row: { type, key }, onClose }: RowPanelProps) {
  const { source, position, choose, openPane, setPosition } = useInspector()
  const { model } = source
  const [isEditing, setEditing] = useState(false)
  useChanges(model.store.subscribe)
  const { store } = model
  const all = rowChanges(store, type, key)
  const changes = all.filter(({ event }) => position === undefined || event.number < position)
  const last = lastChanges(changes)
  const value = model.rowsAt(position).value(store.rows.find(type, key))

  return (
    <SidePanel title={key} badge={<span className="badge badge-group">{type}</span>} onClose={onClose}>
      <div className="actions">
        {value !== undefined && (
          <CopyButton label="Copy JSON" text={() => JSON.stringify(value, undefined, 2)} />
        )}
        <CopyButton
          label="Copy as event"
          text={() =>
            JSON.stringify({
              type,
              key,
              value,
              headers: { operation: value === undefined ? 'delete' : 'upsert' },
            })
          }
        />
        <CopyButton
          label="Copy as test"
          text={() =>
            toTest(
              store,
              changes.map(({ event }) => event.number),
              `the history of ${type} ${key}`,
            )
          }
        />
        {source.edit !== undefined && position === undefined && (
          <button
            type="button"
            className="button"
            aria-expanded={isEditing}
            onClick={() => setEditing(!isEditing)}
          >
            Edit
          </button>
        )}
      </div>
      {isEditing && <RowEditor type={type} name={key} value={value} onDone={() => setEditing(false)} />}
      {value === undefined ? (
        <p className="hint">There is no such row {position === undefined ? 'any more' : 'at this point'}.</p>
      ) : (
        <table className="fields">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Changed by</th>
            </tr>
          </thead>
          <tbody>
            {entriesOf(value).map(([field, each]) => {
              const change = last.get(field)
              return (
                <tr key={field}>
                  <th scope="row">{field === '' ? 'value' : field}</th>
                  <td>{preview(each, 300)}</td>
                  <td className="by">
                    {change === undefined
                      ? 'before the first event here'
                      : `${change.who ?? (change.event.isOwn ? 'this client' : 'unknown')}, ${formatTime(timeOf(change.event))}`}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
      <h3>History</h3>
      <ol className="history" reversed>
        {[...changes].reverse().map(({ event, fields, who }) => (
          <li key={event.number}>
            <p className="history-head">
              <EffectBadge effect={event.effect} isInvalid={event.isInvalid} />
              <span className="by">
                {who ?? (event.isOwn ? 'this client' : 'unknown')} · {formatTime(timeOf(event))}
              </span>
              <span className="space" />
              <button
                type="button"
                className="link"
                onClick={() => {
                  choose(event.number)
                  openPane('timeline')
                }}
              >
                Event {formatNumber(event.number)}
              </button>
              <button type="button" className="link" onClick={() => setPosition(event.number + 1)}>
                Go here
              </button>
            </p>
            {fields.length > 0 ? <FieldChanges fields={fields} /> : <p className="hint">Nothing changed.</p>}
          </li>
        ))}
      </ol>
      {changes.length === 0 && <p className="hint">No event of it is kept.</p>}
    </SidePanel>
  )
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [['', value]]
  return Object.entries(value)
}
