import { createStreamDB, StreamDBError } from '@streamdb/db'
import { chaosState } from './chaos-state.ts'
import { optionsOf, order, report, save, sleep } from './orders.ts'

// Writers: the product's defaults, a transaction every `every` milliseconds, most built upon the one before.

interface Options {
  readonly url: string
  readonly writers: readonly string[]
  readonly every: number
  readonly out: string
}

/** One transaction as its writer saw it; times are milliseconds since the epoch. */
interface WrittenTransaction {
  readonly txid: string
  readonly n: number
  readonly begun: number
  acknowledged?: number
  settled?: number
  /** `confirmed`, or the code of its error. */
  outcome?: string
  message?: string
}

const { url, writers, every, out } = optionsOf<Options>()
let isStopped = false

function startWriter(name: string) {
  const transactions: WrittenTransaction[] = []
  const statuses: (readonly [time: number, name: string])[] = []
  const errors: string[] = []
  const byTxid = new Map<string, WrittenTransaction>()
  const db = createStreamDB({
    streamOptions: { url, warnOnHttp: false },
    state: chaosState,
    onError: (error) => void errors.push(`${Date.now()} ${error.code}: ${error.message}`),
  })
  db.subscribeStatus((status) => void statuses.push([Date.now(), status.name]))
  db.observe({
    onWrite({ txid, state }) {
      const written = byTxid.get(txid)
      if (written && state.name === 'acknowledged') written.acknowledged ??= Date.now()
    },
  })
  const { items, counters } = db.collections

  function transact(n: number, own: string[]): void {
    const id = `${name}-${n}`
    const transaction = db.transact(() => {
      items.insert({ id, writer: name, n, text: 'x'.repeat(n % 200) })
      if (counters.has(name)) counters.update(name, (draft) => void (draft.n = n))
      else counters.insert({ id: name, n })
      // So that the rows do not grow for ever.
      const oldest = own.length > 100 ? own.shift() : undefined
      if (oldest !== undefined && items.has(oldest)) items.delete(oldest)
    })
    own.push(id)
    const written: WrittenTransaction = { txid: db.writeOf(transaction)?.txid ?? '', n, begun: Date.now() }
    transactions.push(written)
    byTxid.set(written.txid, written)
    const settle = (outcome: string, message?: string): void => {
      byTxid.delete(written.txid)
      Object.assign(written, { settled: Date.now(), outcome, message })
    }
    void transaction.when('settled').then(
      () => settle('confirmed'),
      (error: unknown) => settle(error instanceof StreamDBError ? error.code : 'unknown', String(error)),
    )
  }

  async function run(): Promise<void> {
    const own: string[] = []
    for (let n = 1; !isStopped; n++) {
      try {
        transact(n, own)
      } catch (error) {
        errors.push(`${Date.now()} threw: ${String(error)}`)
      }
      // Unevenly, and the same in every run.
      await sleep(every / 2 + (every * (n % 5)) / 4)
    }
    // What is on its way has a minute to arrive.
    for (const until = Date.now() + 60_000; db.pendingWrites.length > 0 && Date.now() < until;)
      await sleep(50)
  }
  return { name, db, run, result: () => ({ name, transactions, statuses, errors }) }
}

const running = writers.map(startWriter)
await Promise.all(running.map(({ db }) => db.preload()))
report('ready')
void order('stop').then(() => (isStopped = true))
const finish = order('finish')
await Promise.all(running.map(({ run }) => run()))
report('stopped')
await finish
save(
  out,
  running.map(({ result }) => result()),
)
for (const { db } of running) db.close()
report('finished')
process.disconnect()
