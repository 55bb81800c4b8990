import type { OpenStore, OutboxChange, OutboxStore, StoredContent } from '@streamdb/log'
import { before } from './before.ts'
import type { Blocks } from './blocks.ts'
import type { TabClock } from './tabs/browser.ts'

/** How long a store may take for what a database waits for before it goes on, in milliseconds; some never answer. */
export const ANSWER_TIMEOUT = 5_000

/** How long one transaction may take that nobody waits for: a disk that is busy is not a store that is dead. */
const TRANSACTION_TIMEOUT = 60_000

type Clock = Pick<TabClock, 'now' | 'after'>

/**
 * Returns a store whose answers are waited for so long, and no longer: what takes more time rejects with `storage-failed`.
 * Saving, clearing and measuring may take as long as they need, transaction by transaction: see `limitBlocks`.
 */
export function limitStore(store: OpenStore, clock: Clock): OpenStore {
  const limit = <Value>(answer: Promise<Value>): Promise<Value> => before(ANSWER_TIMEOUT, answer, { clock })
  return {
    load: async () => limitContent(await limit(store.load()), limit),
    readHead: () => limit(store.readHead()),
    claim: () => limit(store.claim()),
    currentEpoch: () => limit(store.currentEpoch()),
    outbox: limitOutbox(store.outbox, limit, clock),
    save: (commit, epoch) => store.save(commit, epoch),
    clear: () => store.clear(),
    size: () => store.size(),
    onLost: (listener) => store.onLost(listener),
    close: () => store.close(),
  }
}

/** Returns blocks of which no single transaction lasts for ever. */
export function limitBlocks(blocks: Blocks): Blocks {
  const limit = <Value>(answer: Promise<Value>): Promise<Value> => before(TRANSACTION_TIMEOUT, answer)
  return {
    read: (keys) => limitEach(blocks.read(keys), limit),
    list: (prefix) => limit(blocks.list(prefix)),
    write: (change) => limit(blocks.write(change)),
    onLost: (listener) => blocks.onLost?.(listener) ?? (() => undefined),
    close: () => blocks.close(),
  }
}

type Limit = <Value>(answer: Promise<Value>) => Promise<Value>

function limitContent(content: StoredContent | undefined, limit: Limit): StoredContent | undefined {
  return content && { head: content.head, rows: limitEach(content.rows, limit) }
}

function limitOutbox(outbox: OutboxStore, limit: Limit, clock: Clock): OutboxStore {
  return {
    list: (onUnreadable) => limit(outbox.list(onUnreadable)),
    change: (change, epoch) =>
      before(ANSWER_TIMEOUT, outbox.change(change, epoch), { late: () => takeBack(outbox, change), clock }),
    note: (name) => limit(outbox.note(name)),
  }
}

/** Removes writes that were stored after all: they go on in memory, and the next page is not to send them again. */
function takeBack(outbox: OutboxStore, { put = [] }: OutboxChange): void {
  if (put.length > 0) outbox.change({ remove: put.map(({ txid }) => txid) }).catch(() => undefined)
}

async function* limitEach<Value>(values: AsyncIterable<Value>, limit: Limit): AsyncGenerator<Value, void> {
  const iterator = values[Symbol.asyncIterator]()
  let isOver = false
  try {
    for (;;) {
      const next = await limit(Promise.resolve(iterator.next()))
      isOver = next.done === true
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // One that does not answer does not end either.
    if (!isOver) Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}
