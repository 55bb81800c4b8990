/**
 * Says which part of a row JSON does not hold as it is: `/at is a Date, which ...`; undefined where there is none.
 *
 * `again` is the row that comes back, where one does: then only parts that come back as something else are named.
 */
export function explainLoss(row: unknown, again?: unknown): string | undefined {
  return findLoss(row, again, { path: '', above: [], compares: again !== undefined })
}

interface Place {
  readonly path: string
  /** The objects that hold the value, outermost first. */
  readonly above: readonly unknown[]
  readonly compares: boolean
}

function findLoss(value: unknown, again: unknown, place: Place): string | undefined {
  const { path, above, compares } = place
  const found = `${path === '' ? 'it' : path} is`
  if (above.includes(value)) return `${found} part of itself`
  if (compares && Object.is(value, again)) return undefined
  switch (typeof value) {
    case 'bigint':
      return `${found} a BigInt, which JSON cannot hold. Write it as text`
    case 'function':
    case 'symbol':
      return `${found} a ${typeof value}, which JSON leaves out`
    case 'number':
      return Number.isFinite(value)
        ? otherwise(value, again, place)
        : `${found} ${value}, which JSON holds as null`
    case 'object':
      return value === null ? otherwise(value, again, place) : lossOfObject(value, again, place)
    case 'undefined':
    case 'string':
    case 'boolean':
      return otherwise(value, again, place)
  }
}

function lossOfObject(value: object, again: unknown, place: Place): string | undefined {
  const { path, above, compares } = place
  const within = [...above, value]
  if (value instanceof Date) {
    if (compares && again instanceof Date) return undefined
    return `${path} is a Date, which JSON holds as text: the schema must take the text, as z.coerce.date() does`
  }
  if (
    !Array.isArray(value) &&
    ![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  ) {
    const kind = (value.constructor as { name?: string } | undefined)?.name ?? 'object' // whatever made it
    return `${path === '' ? 'it' : path} is a ${kind}, which JSON does not hold. Write it as a plain object or an array`
  }
  for (const [name, part] of Object.entries(value)) {
    // An array keeps the place of what is undefined; an object leaves it out.
    if (part === undefined && Array.isArray(value))
      return `${path}/${name} is undefined, which JSON holds as null`
    if (part === undefined) continue
    const other: unknown = Object(again) === again ? Reflect.get(again as object, name) : undefined // an object
    const loss = findLoss(part, other, { path: `${path}/${name}`, above: within, compares })
    if (loss !== undefined) return loss
  }
  return undefined
}

/** What JSON does hold comes back as something else only by the schema. */
function otherwise(value: unknown, again: unknown, { path, compares }: Place): string | undefined {
  if (!compares || path === '') return undefined
  return `${path} is ${format(value)} and comes back as ${format(again)}`
}

function format(value: unknown): string {
  const text = Object.is(value, -0) ? '-0' : typeof value === 'object' ? 'an object' : JSON.stringify(value)
  return text === undefined ? String(value) : text.length > 60 ? `${text.slice(0, 60)}...` : text
}
