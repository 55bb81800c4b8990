/** What the log says of itself, as the stream server holds it: any JSON. */
export type Stored = Readonly<Record<string, unknown>>

/** What `events.ts` says. */
const forgedOffset = '0000000000000000_0000000000000000'
const operations = new Set(['insert', 'update', 'upsert', 'delete'])
const fields: ReadonlyMap<string, readonly string[]> = new Map([
  ['message', ['id', 'author', 'text']],
  ['profile', ['id', 'text', 'score']],
  ['__proto__', ['id', 'owner', 'text']],
  ['constructor', ['id', 'owner', 'text']],
])

/**
 * Says what is wrong with a log: each event that the policy refuses, that is not of its writer, or that readers would not
 * understand. It is written apart from the gateway, and uses nothing of it.
 */
export function faultsOf(log: readonly unknown[], people: readonly string[]): string[] {
  const faults: string[] = []
  const rows = new Map<string, Stored>()
  for (const [index, item] of log.entries()) {
    const wrong = faultOf(item, rows, people)
    if (wrong !== undefined) faults.push(`event ${index}: ${wrong}: ${JSON.stringify(item).slice(0, 600)}`)
  }
  return faults
}

function faultOf(item: unknown, rows: Map<string, Stored>, people: readonly string[]): string | undefined {
  if (!isObject(item)) return 'no object'
  const { type, key, value, headers } = item
  if (!isObject(headers)) return 'no headers'
  if ('control' in headers) return 'a control event'
  const { operation, principal, time, txid } = headers
  if (typeof operation !== 'string' || !operations.has(operation)) return 'no operation'
  if (typeof type !== 'string' || typeof key !== 'string' || key === '') return 'no type or key'
  if (typeof principal !== 'string' || !people.includes(principal)) return 'nobody has written it'
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return 'written at no time'
  if (txid !== undefined && (typeof txid !== 'string' || txid === '')) return 'a txid that is none'
  // The stream server says itself where an event is; a snapshot is for the compactor to write.
  if (headers['actionResult'] === 'forged') return 'a result that no action returned'
  if (headers['offset'] === forgedOffset || Object.hasOwn(headers, 'txids')) return 'a header of the server’s'
  const known = fields.get(type)
  if (known === undefined) return 'an unknown type'
  const place = JSON.stringify([type, key])
  const before = rows.get(place)
  const owner = (row: Stored | undefined): unknown => (type === 'message' ? row?.['author'] : row?.['owner'])
  if (type === 'profile' && key !== principal) return 'another’s profile'
  if (type !== 'profile' && before !== undefined && owner(before) !== principal) return 'over another’s row'
  if (operation === 'delete') {
    rows.delete(place)
    return value === undefined ? undefined : 'a value of what is deleted'
  }
  if (!isObject(value)) return 'no value'
  if (type !== 'profile' && owner(value) !== principal) return 'in another’s name'
  if (value['id'] !== undefined && value['id'] !== key) return 'a row with another key'
  for (const name of known) {
    if (name === 'id') continue
    const wanted = name === 'score' ? 'number' : 'string'
    if (!Object.hasOwn(value, name) || typeof value[name] !== wanted)
      return `the field ${name} is no ${wanted}`
  }
  const text = String(value['text'])
  if (text.length > 200) return 'a text that is too long'
  const extra = Object.keys(value).filter((name) => !known.includes(name))
  if (type !== 'constructor' && extra.length > 0)
    return `fields that the schema does not know: ${extra.join()}`
  const sender = people.find((id) => text.startsWith(`${id}#`))
  if (sender !== undefined && sender !== principal) return `sent by ${sender}`
  rows.set(place, value)
  return undefined
}

function isObject(value: unknown): value is Stored {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
