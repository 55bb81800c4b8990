import type { FieldChange } from '../model/row-changes.ts'
import { preview } from './format.ts'

/** Which fields changed, and from what to what. */
export function FieldChanges({ fields }: { readonly fields: readonly FieldChange[] }) {
  return (
    <ul className="changes">
      {fields.map((change) => (
        <li key={change.field}>
          <span className="field">{change.field === '' ? 'value' : change.field}</span>
          {'before' in change && <del>{text(change.before)}</del>}
          {'after' in change && <ins>{text(change.after)}</ins>}
        </li>
      ))}
    </ul>
  )
}

function text(value: unknown): string {
  return preview(typeof value === 'string' ? JSON.stringify(value) : value, 400)
}
