/** What the values seen in one place have in common. */
export interface Shape {
  /** How many values were seen. */
  count: number
  nulls: number
  booleans: number
  numbers: number
  /** Numbers beyond what JSON can say, such as 1e999: read as Infinity. */
  infinite: boolean
  readonly strings: StringShape
  objects: number
  readonly fields: Map<string, Shape>
  arrays: number
  items: Shape | undefined
  /** Deeper than is looked. */
  isDeep: boolean
}

/** What the strings of one place have in common. */
interface StringShape {
  count: number
  /** Those seen, while they are few; nothing once there are more. */
  distinct: Set<string> | undefined
  /** The rows that they were seen in, while that matters. */
  readonly rows: Set<string>
  datesAndTimes: number
  withOffset: number
  dates: number
}

/** More distinct strings than these are no choice. */
export const mostChoices = 12
/** A choice's words are short. */
const longestChoice = 60
/** How many rows are counted. */
const mostRows = 1_000
/** How many levels are told apart. */
const mostLevels = 16

export function noShape(): Shape {
  return {
    count: 0,
    nulls: 0,
    booleans: 0,
    numbers: 0,
    infinite: false,
    strings: { count: 0, distinct: new Set(), rows: new Set(), datesAndTimes: 0, withOffset: 0, dates: 0 },
    objects: 0,
    fields: new Map(),
    arrays: 0,
    items: undefined,
    isDeep: false,
  }
}

/** Adds a value, of the row with this key, to a shape. */
export function addValue(shape: Shape, value: unknown, row: string, level = 0): void {
  shape.count++
  if (level > mostLevels) shape.isDeep = true
  else if (value === null) shape.nulls++
  else if (typeof value === 'boolean') shape.booleans++
  else if (typeof value === 'number') {
    shape.numbers++
    shape.infinite ||= !Number.isFinite(value)
  } else if (typeof value === 'string') addString(shape.strings, value, row)
  else if (Array.isArray(value)) {
    shape.arrays++
    const items = (shape.items ??= noShape())
    for (const item of value) addValue(items, item, row, level + 1)
  } else {
    shape.objects++
    // What JSON.parse returns besides is an object.
    for (const [name, field] of Object.entries(value as object)) {
      const inner = shape.fields.get(name) ?? noShape()
      shape.fields.set(name, inner)
      addValue(inner, field, row, level + 1)
    }
  }
}

function addString(strings: StringShape, value: string, row: string): void {
  strings.count++
  const zone = zoneOf(value)
  if (zone !== undefined) strings.datesAndTimes++
  if (zone !== undefined && zone !== 'Z') strings.withOffset++
  if (isDate(value)) strings.dates++
  if (strings.distinct === undefined) return
  strings.distinct.add(value)
  if (strings.rows.size < mostRows) strings.rows.add(row)
  if (strings.distinct.size <= mostChoices && value.length <= longestChoice) return
  strings.distinct = undefined
  strings.rows.clear()
}

/** Returns the zone of an ISO 8601 date and time that exists. */
function zoneOf(text: string): string | undefined {
  const [, date = '', zone] =
    /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.exec(
      text,
    ) ?? []
  return isDate(date) ? zone : undefined
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  // The 30th of February is read as the 2nd of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
