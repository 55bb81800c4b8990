import { existsSync, readFileSync } from 'node:fs'
import { endKey } from './end-key.mjs'
import { random } from './random.mjs'

/**
 * What a log is made of. `events`: only a history goes without it, which is whole then. `rows`: how many keys it has, or
 * ends with. It travels as JSON: no `Infinity`.
 * @typedef {{ kind: 'inserts' | 'updates' | 'mixed' | 'joined' | 'history', events?: number, rows?: number,
 *   txids?: boolean, page?: number }} LogSpec
 * @typedef {{ type: string, key: string, value?: object, headers: { operation: string, txid?: string } }} Event
 */

const statuses = ['open', 'running', 'done', 'failed']
const words = 'log key row page read write join fold live sync late once whole state event order'.split(' ')
export const owners = 1000

/** Where the history lies, if it was handed out: 17,640 events of a real repository. */
export const historyFile = new URL('../../../shared/data/git-history.ndjson', import.meta.url)

/**
 * Generates the events of a log in order. The same spec and seed give the same log.
 * @param {LogSpec} spec
 * @returns {Iterable<Event>}
 */
export function* events({ kind, events: count, rows = count, txids = false }, seed = 1) {
  if (kind === 'history') return yield* history(count)
  const next = random(seed)
  const types = kind === 'mixed' ? ['item', 'task', 'note', 'user'] : ['item']
  /** @type {Set<string>} */
  const present = new Set()
  if (kind === 'joined') {
    for (let index = 0; index < owners; index++) yield put('author', ownerId(index), 'insert', row(next, 0))
  }
  for (let index = 0; index < count; index++) {
    const number = kind === 'mixed' ? next(rows) : index < rows ? index : next(rows)
    const type = types[number % types.length] ?? 'item'
    const key = rowId(number)
    const known = present.has(key)
    const deleted = kind === 'mixed' && known && next(5) === 0
    if (deleted) present.delete(key)
    else present.add(key)
    const operation = deleted ? 'delete' : known ? 'update' : 'insert'
    yield put(
      type,
      key,
      operation,
      deleted ? undefined : row(next, index),
      txids ? `tx-${seed}-${index}` : undefined,
    )
  }
}

/**
 * Generates what is appended to a log while it is followed: updates of open rows, each first in order of rank.
 * With `token`, of one row alone. The last is the row `end`.
 */
export function* liveEvents({ count, rows, token = false, txids = false }, seed = 2) {
  const next = random(seed)
  for (let index = 0; index < count - 1; index++) {
    const key = token ? rowId(0) : rowId(next(rows))
    const value = { ...row(next, 1_000_000_000 + index), status: 'open' }
    yield put('item', key, 'update', value, txids ? `tx-${seed}-${index}` : undefined)
  }
  yield put('item', endKey, 'insert', { ...row(next, 2_000_000_000), status: 'open' })
}

export { endKey }

export const rowId = (/** @type {number} */ number) => `item-${String(number).padStart(7, '0')}`
const ownerId = (/** @type {number} */ number) => `owner-${String(number).padStart(4, '0')}`

function row(next, rank) {
  const text = `${words[next(words.length)]} ${words[next(words.length)]} ${next(1_000_000)} ${words[next(words.length)]}`
  return { owner: ownerId(next(owners)), status: statuses[next(statuses.length)], text, rank }
}

function put(type, key, operation, fields, txid) {
  const headers = { operation, ...(txid && { txid }) }
  return fields === undefined ? { type, key, headers } : { type, key, value: { id: key, ...fields }, headers }
}

function* history(count) {
  if (!existsSync(historyFile)) return
  const lines = readFileSync(historyFile, 'utf8').trimEnd().split('\n')
  for (const line of lines.slice(0, count)) yield JSON.parse(line)
}
