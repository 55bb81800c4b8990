import { StreamDBError } from '@streamdb/log'
import type { BatchSource, HistoryPoint, HistoryReadOptions } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { CreateStreamDBOptions } from '../options/types.ts'
import type { PastStreamDB, StreamDB } from '../stream-db.ts'
import { closedError } from '../sync/errors.ts'
import type { ActionDefinitions } from '../writes/actions.ts'
import { PastSource } from './past-source.ts'
import type { OpenHistory } from './past-source.ts'
import type { PastPosition } from './past-position.ts'

/** Returns a read-only database that begins at `point`: the one that `create` makes of a source. */
export function createPast<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  point: HistoryPoint,
  open: OpenHistory,
  create: (source: BatchSource) => StreamDB<Definitions, Actions>,
): PastStreamDB<Definitions, Actions> {
  const listeners = new Set<() => void>()
  let position = atStart
  const onMove = (): void => {
    position = positionOf(source)
    for (const listener of [...listeners]) listener()
  }
  const source = new PastSource(point, open, onMove)
  const db = create(source)
  const close = db.close.bind(db)
  const moves = new Moves()

  const move = (run: () => Promise<void>, point?: HistoryPoint): Promise<void> => {
    if (db.status.name === 'closed') return Promise.reject(closedError('move'))
    return moves.run(async () => {
      const isNew = point !== undefined && source.beginAt(point)
      await db.preload()
      if (!isNew) await run()
    }, point !== undefined)
  }
  return Object.assign(db, {
    position: {
      get: () => position,
      subscribe(listener: () => void) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    moveTo: (to: HistoryPoint, options: HistoryReadOptions = {}) =>
      move(() => source.moveTo(to, options), to),
    step: (transactions: number, options: HistoryReadOptions = {}) =>
      move(() => source.step(transactions, options)),
    close() {
      close()
      source.close()
      listeners.clear()
    },
  })
}

/** Throws, wherever something is written to the past. */
export function assertNotPast(): never {
  const what = 'this database shows the past of its stream, and nothing can be written there'
  const remedy = 'Write to the database that db.at() was called on, or to a branch of it: db.fork({ at })'
  throw new StreamDBError('read-only', `Cannot write: ${what}. ${remedy}`)
}

/** Returns the options of a database of the past: it is neither live nor stored, and calls no event listeners. */
export function pastOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  options: CreateStreamDBOptions<Definitions, Actions>,
): CreateStreamDBOptions<Definitions, Actions> {
  const none = undefined
  return {
    ...options,
    ...{ live: false, snapshots: false, offline: false, history: false },
    ...{ storage: none, hydrate: none, load: none, onEvent: none, onBeforeBatch: none, onBatch: none },
  }
}

const atStart: PastPosition = {
  ...{ offset: '-1', isExact: true, behind: 0, ahead: 0 },
  ...{ txid: undefined, timestamp: undefined },
}

function positionOf({ past }: PastSource): PastPosition {
  if (past === undefined) return atStart
  const { offset, isExact, behind, ahead, transaction } = past
  const { txid, timestamp } = transaction ?? {}
  return { offset, isExact, behind, ahead, txid, timestamp }
}

/** Runs moves one after the other; one that waits and that a later one makes pointless is left out. */
class Moves {
  #last: Promise<void> = Promise.resolve()
  #jumps = 0

  /** `isJump`: where it leads does not depend on the moves before it. */
  run(move: () => Promise<void>, isJump: boolean): Promise<void> {
    if (isJump) this.#jumps++
    const jumps = this.#jumps
    const before = this.#last
    const result = before.then(() => (isJump && jumps !== this.#jumps ? undefined : move()))
    this.#last = result.catch(() => undefined)
    return result
  }
}
