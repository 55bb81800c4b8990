/** Returns a row without the fields that collections add to it. */
export function plainRow<Row extends object>(row: Row): Row {
  // The same fields but for TanStack's.
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('$'))) as Row
}
