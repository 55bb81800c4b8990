import { isSameValue } from '@streamdb/state'
import type { ChangeEvent } from '@streamdb/state'
import { isOwn } from './actor.ts'
import type { Actor } from './actor.ts'
import type { PolicyRows, SessionRefusal, SessionRefusalCode } from './decision.ts'
import { fieldOf } from './row-fields.ts'

/** A row as its fields, whatever they hold: a rule reads them and trusts none. */
export type Fields = Readonly<Record<string, unknown>>

/** A write of one row: `value` is absent where the row is deleted. Insert, update and upsert all replace it (SPEC M2). */
export interface RowWrite {
  readonly type: string
  readonly key: string
  readonly value: Fields | undefined
  readonly row: Fields | undefined
  readonly actor: Actor
  readonly rows: PolicyRows
}

/** Returns why a write is refused; nothing where it is allowed. */
export type Rule = (write: RowWrite) => SessionRefusal | undefined

/** Returns an event as a write of its row; nothing for what is no change of one. */
export function toRowWrite(
  { type, key, value, headers }: ChangeEvent,
  rest: Pick<RowWrite, 'actor' | 'rows'> & { readonly row: unknown },
): RowWrite | undefined {
  const { actor, rows, row } = rest
  const before = { type, key, actor, rows, row: asFields(row) }
  if (headers.operation === 'delete') return { ...before, value: undefined }
  const fields = asFields(value)
  return fields && { ...before, value: fields }
}

/** Returns a value as fields; nothing for what has none. */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

/** Returns a row by its type and key, which may be anything that a row says. */
export function rowOf(rows: PolicyRows, type: string, key: unknown): Fields | undefined {
  return typeof key === 'string' ? asFields(rows.get(type, key)) : undefined
}

/** Returns a refusal of a write. `field`: the one that is at fault. */
export function refuse(
  { type, key, value, actor }: RowWrite,
  code: SessionRefusalCode,
  why: string,
  field?: string,
): SessionRefusal {
  const verb = value === undefined ? 'delete' : 'write'
  const message = `${quote(actor.id)} (${actor.role}) may not ${verb} the ${type} ${quote(key)}: ${why}`
  return { code, message, ...(field === undefined ? {} : { path: `/value/${field}` }) }
}

/** Refuses a new row unless a field names the actor. */
export function inOwnName(write: RowWrite, field: string): SessionRefusal | undefined {
  const named = write.value && fieldOf(write.value, field)
  if (isOwn(write.actor, named)) return undefined
  return refuse(write, 'another-name', `its ${field} would be ${quote(named)}`, field)
}

/** Refuses a write of a row that is there, unless a field of it names the actor. */
export function ownRow(write: RowWrite, field: string): SessionRefusal | undefined {
  const named = write.row && fieldOf(write.row, field)
  if (isOwn(write.actor, named)) return undefined
  return refuse(write, 'not-yours', `its ${field} is ${quote(named)}`)
}

/** Refuses a change of fields that stay what they were. */
export function fixedFields(write: RowWrite, fields: readonly string[]): SessionRefusal | undefined {
  const { row, value } = write
  if (row === undefined || value === undefined) return undefined
  const changed = fields.find((field) => !isSameValue(fieldOf(row, field), fieldOf(value, field)))
  return changed === undefined
    ? undefined
    : refuse(write, 'fixed-field', `its ${changed} stays ${quote(fieldOf(row, changed))}`, changed)
}

/** The rule of rows that belong to whoever wrote them: they write it, an owner may delete it too, and `fixed` fields stay. */
export function ownedBy(field: string, fixed: readonly string[] = []): Rule {
  return (write) => {
    const { row, value, actor } = write
    if (value === undefined) {
      return row === undefined || actor.role === 'owner' ? undefined : ownRow(write, field)
    }
    if (row === undefined) return inOwnName(write, field)
    return ownRow(write, field) ?? fixedFields(write, [field, ...fixed])
  }
}

/** Returns a value as it is named in a message, in a bounded length. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(JSON.stringify(value))
  return text.length > 80 ? `${text.slice(0, 80)}...` : text
}
