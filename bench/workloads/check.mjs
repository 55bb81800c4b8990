/** Throws unless every row of the log is there, and no other; returns how many there are. */
export async function check(db, url) {
  const facts = await (await fetch(new URL('/facts', url))).json()
  const sizeOf = db.sizeOf ?? ((collection) => collection.size)
  const found = Object.values(db.collections).map(sizeOf)
  const expected = Object.values(facts.rows)
  if (sorted(found) !== sorted(expected)) {
    throw new Error(`expected collections of ${sorted(expected)} rows and found ${sorted(found)}`)
  }
  return found.reduce((sum, size) => sum + size, 0)
}

const sorted = (sizes) => [...sizes].sort((a, b) => a - b).join(', ')
