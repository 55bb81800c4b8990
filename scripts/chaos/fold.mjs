// The oracle: what a log says, written once more and without the product. An event replaces its row, a delete removes it.

/**
 * @param {readonly any[]} events
 * @returns {Map<string, Map<string, unknown>>} Rows by type and key.
 */
export function fold(events) {
  const rows = new Map()
  for (const { type, key, value, headers } of events) {
    if (headers?.control === 'reset') rows.clear()
    if (typeof headers?.operation !== 'string') continue
    const ofType = rows.get(type) ?? new Map()
    rows.set(type, ofType)
    if (headers.operation === 'delete') ofType.delete(key)
    else ofType.set(key, value)
  }
  return rows
}

/**
 * Names the rows that are not as the log says: missing, left over, or different.
 * @param {Map<string, Map<string, unknown>>} expected
 * @param {Record<string, Record<string, unknown>>} actual
 * @param {readonly string[]} types
 */
export function differences(expected, actual, types) {
  return types.flatMap((type) => {
    const wanted = expected.get(type) ?? new Map()
    const found = actual[type] ?? {}
    const keys = new Set([...wanted.keys(), ...Object.keys(found)])
    return [...keys]
      .filter((key) => canonical(wanted.get(key)) !== canonical(found[key]))
      .map((key) => `${type} ${key}: ${canonical(found[key])}, the log has ${canonical(wanted.get(key))}`)
  })
}

/** @param {any} value */
function canonical(value) {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const fields = Object.keys(value).sort()
  return `{${fields.map((name) => `${name}: ${canonical(value[name])}`).join(', ')}}`
}
