import { collectionsOf } from './inspected-database.ts'
import type { InspectedDatabase } from './inspected-database.ts'
import type { RowEdit } from './source.ts'

/**
 * Writes an edit by the collection of its type, as the application would: validated, shown at once, confirmed by the log. A type
 * without a collection is appended as an event. Rejects with what the write was refused for.
 */
export async function editRow(db: InspectedDatabase, edit: RowEdit): Promise<void> {
  const { type, key, operation, value } = edit
  const named = collectionsOf(db).find((each) => each.type === type)
  if (named === undefined) {
    await db.stream.append(JSON.stringify(toEvent(edit)))
    return
  }
  const { collection, primaryKey } = named
  const transaction = db.transact(() => {
    if (operation === 'delete') collection.delete(key)
    else if (collection.has(key)) collection.update(key, (draft) => replaceFields(draft, value, primaryKey))
    else collection.insert(value as object) // refused by the schema where it is none
  })
  await transaction.when('settled')
}

/** Returns an edit as an event of the log. */
export function toEvent({ type, key, operation, value }: RowEdit): object {
  return { type, key, ...(operation !== 'delete' && { value }), headers: { operation } }
}

/** Makes a draft the edited row: a field that is not in it goes. The primary key stays. */
function replaceFields(draft: Record<string, unknown>, value: unknown, primaryKey: string): void {
  const fields = Object(value) as Readonly<Record<string, unknown>> // JSON, whatever it is
  for (const name of Object.keys(draft)) if (!(name in fields) && name !== primaryKey) delete draft[name]
  for (const [name, field] of Object.entries(fields)) if (name !== primaryKey) draft[name] = field
}
