import type { Transaction } from '@tanstack/db'
import { StreamDBError } from '@streamdb/log'
import type { Publisher } from '../collections/publication.ts'
import { touchedBy } from '../collections/settle.ts'

// Transactions whose outcome somebody has asked for.
const awaited = new WeakSet<Transaction>()

/**
 * Leaves a transaction's outcome to the log: its owner may roll it back, and wait for it. Committed from outside it
 * would be `confirmed` though nobody stored it; mutated again it would show what nobody writes. A rollback is one
 * publication over all collections of the transaction (SPEC C1).
 */
export function lockTransaction(transaction: Transaction, publisher: Publisher): void {
  const when = transaction.when.bind(transaction)
  const rollback = transaction.rollback.bind(transaction)
  // oxlint-disable-next-line typescript/no-deprecated -- applications still wait by it
  outcomes.set(transaction, transaction.isPersisted)
  Object.assign(transaction, {
    commit: refuse,
    mutate: refuse,
    rollback(config?: Parameters<typeof rollback>[0]) {
      publisher.publish(touchedBy(transaction), () => void rollback(config))
      return transaction
    },
    when(state: 'settled') {
      awaited.add(transaction)
      return when(state)
    },
  })
  Object.defineProperty(transaction, 'isPersisted', isPersisted)
}

type Outcome = Transaction['isPersisted']

// TanStack's own `isPersisted` of locked transactions.
const outcomes = new WeakMap<Transaction, Outcome>()

// One for all: by a getter of its own every transaction would be of another hidden class, and slow to use.
const isPersisted: PropertyDescriptor & ThisType<Transaction> = {
  configurable: true,
  enumerable: true,
  get(): Outcome | undefined {
    awaited.add(this)
    return outcomes.get(this)
  },
}

function refuse(): never {
  const what = 'This transaction is already being written'
  throw new StreamDBError(
    'invalid-write',
    `${what}. Await tx.when('settled'); start a new transaction for further changes`,
  )
}

/** Tells whether somebody has asked for the outcome of a transaction: then its failure is not to be reported. */
export function isAwaited(transaction: Transaction): boolean {
  return awaited.has(transaction)
}

/** Throws where what mutates returned a promise: what it does later would not be part of the transaction. */
export function assertSynchronous(result: unknown): void {
  if (!(result instanceof Promise)) return
  // Nobody else reads it.
  result.catch(() => undefined)
  throw new StreamDBError(
    'invalid-write',
    'A transaction is made synchronously: expected a function that returns no promise. Wait in mutationFn instead',
  )
}
