import { mostChoices } from './shape.ts'
import type { Shape } from './shape.ts'

/** An object with more names than these, each in few of its kind, is a map. */
const mostFields = 24

/** Returns the text of a zod schema that takes every value of a shape. */
export function zodOf(shape: Shape, indent = ''): string {
  if (shape.isDeep || shape.infinite) return 'z.unknown()'
  const { strings, numbers, booleans, objects, arrays, items, nulls } = shape
  const kinds = [
    ...(strings.count > 0 ? [stringOf(shape)] : []),
    ...(numbers > 0 ? ['z.number()'] : []),
    ...(booleans > 0 ? ['z.boolean()'] : []),
    ...(objects > 0 ? [objectOf(shape, indent)] : []),
    ...(arrays > 0 ? [`z.array(${items === undefined ? 'z.unknown()' : zodOf(items, indent)})`] : []),
  ]
  const [first] = kinds
  // Nothing was seen: the items of arrays that were all empty.
  if (first === undefined) return nulls > 0 ? 'z.null()' : 'z.unknown()'
  const schema = kinds.length === 1 ? first : `z.union([${kinds.join(', ')}])`
  return nulls > 0 ? `${schema}.nullable()` : schema
}

function stringOf({ strings }: Shape): string {
  const { count, distinct, rows, datesAndTimes, withOffset, dates } = strings
  if (datesAndTimes === count) return withOffset > 0 ? 'z.iso.datetime({ offset: true })' : 'z.iso.datetime()'
  if (dates === count) return 'z.iso.date()'
  // Few, and each in several rows: a choice. Names differ from row to row.
  const isChoice =
    distinct !== undefined &&
    distinct.size > 1 &&
    distinct.size <= mostChoices &&
    rows.size >= 4 &&
    distinct.size * 2 <= rows.size
  if (!isChoice) return 'z.string()'
  return `z.enum([${[...distinct].sort().map(quote).join(', ')}])`
}

function objectOf(shape: Shape, indent: string): string {
  if (isMap(shape)) return `z.record(z.string(), ${zodOf(joined(shape), indent)})`
  const lines = fieldLines(shape, indent)
  return lines.length === 0 ? 'z.object({})' : `z.object({\n${lines.join('\n')}\n${indent}})`
}

/** Returns a line for each field of an object; `fixed`: schemas that stand in place of what was seen. */
export function fieldLines(
  shape: Shape,
  indent: string,
  fixed: ReadonlyMap<string, string> = new Map(),
): string[] {
  const inner = `${indent}  `
  const own = [...fixed]
    .filter(([name]) => !shape.fields.has(name))
    .map(([name, schema]) => line(name, schema, inner))
  const seen = [...shape.fields]
    .filter(([name, field]) => !isInherited(name, field.count < shape.objects))
    .map(([name, field]) => {
      const given = fixed.get(name)
      if (given !== undefined) return line(name, given, inner)
      return line(name, `${zodOf(field, inner)}${field.count < shape.objects ? '.optional()' : ''}`, inner)
    })
  return [...own, ...seen]
}

/**
 * Tells whether zod would see a field where there is none: it reads what every object inherits, such as `constructor`. In an
 * object literal `__proto__` is no field at all.
 */
export function isInherited(name: string, isOptional: boolean): boolean {
  return name === '__proto__' || (isOptional && name in Object.prototype)
}

function line(name: string, schema: string, indent: string): string {
  return `${indent}${/^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)}: ${schema},`
}

function isMap({ fields, objects }: Shape): boolean {
  if (fields.size <= mostFields) return false
  const present = [...fields.values()].reduce((sum, { count }) => sum + count, 0)
  return present / fields.size < objects / 3
}

/** Returns the fields of a map as one shape. */
function joined({ fields }: Shape): Shape {
  const [first, ...others] = fields.values()
  if (first === undefined) throw new Error('A map has fields')
  return others.reduce(join, first)
}

function join(one: Shape, other: Shape): Shape {
  const fields = new Map(one.fields)
  for (const [name, shape] of other.fields) {
    const known = fields.get(name)
    fields.set(name, known === undefined ? shape : join(known, shape))
  }
  const [a, b] = [one.strings, other.strings]
  const distinct = a.distinct && b.distinct && new Set([...a.distinct, ...b.distinct])
  return {
    count: one.count + other.count,
    nulls: one.nulls + other.nulls,
    booleans: one.booleans + other.booleans,
    numbers: one.numbers + other.numbers,
    infinite: one.infinite || other.infinite,
    strings: {
      count: a.count + b.count,
      distinct: distinct !== undefined && distinct.size > mostChoices ? undefined : distinct,
      rows: new Set([...a.rows, ...b.rows]),
      datesAndTimes: a.datesAndTimes + b.datesAndTimes,
      withOffset: a.withOffset + b.withOffset,
      dates: a.dates + b.dates,
    },
    objects: one.objects + other.objects,
    fields,
    arrays: one.arrays + other.arrays,
    items: one.items && other.items ? join(one.items, other.items) : (one.items ?? other.items),
    isDeep: one.isDeep || other.isDeep,
  }
}

/** Returns a string as it is written in TypeScript. */
export function quote(text: string): string {
  const json = JSON.stringify(text).replace(
    /[\u2028\u2029]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16)}`,
  )
  return json.includes("'") ? json : `'${json.slice(1, -1).replaceAll('\\"', '"')}'`
}
