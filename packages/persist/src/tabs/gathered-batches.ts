import type { Batch } from '@streamdb/log'
import type { TabClock, TabPage } from './browser.ts'

/** What is read so soon after a message goes into the next one, in milliseconds: two frames. */
const GATHERING = 32
/** A message of more items is not worth joining with others. */
const MANY = 1_000

/** What gathering works with. */
export interface GatheringParts {
  readonly clock: Pick<TabClock, 'now' | 'after'>
  readonly page: Pick<TabPage, 'isVisible'>
  readonly send: (batch: Batch) => void
}

/**
 * Sends batches to the other tabs: the first at once, and those that are read within two frames behind it together, as one
 * batch. What a message costs is in every tab.
 *
 * The timers of a hidden page run once a second: it sends everything at once.
 */
export class GatheredBatches {
  readonly #parts: GatheringParts
  #batches: Batch[] = []
  #sentAt = -Infinity
  #cancel: (() => void) | undefined

  constructor(parts: GatheringParts) {
    this.#parts = parts
  }

  add(batch: Batch): void {
    const { clock, page } = this.#parts
    this.#batches.push(batch)
    const passed = clock.now() - this.#sentAt
    // A clock that was set back has not stopped.
    if (passed >= GATHERING || passed < 0 || !page.isVisible) this.flush()
    else this.#cancel ??= clock.after(GATHERING - passed, () => this.flush())
  }

  /** Sends what is left; other messages come behind it. */
  flush(): void {
    const { clock, send } = this.#parts
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#batches.length === 0) return
    this.#sentAt = clock.now()
    const batches = joinBatches(this.#batches)
    this.#batches = []
    for (const batch of batches) send(batch)
  }

  /** Sends nothing of what is left. */
  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#batches = []
  }
}

/** Returns the same items in fewer batches: those of whole responses, one behind the other, become one. */
export function joinBatches(batches: readonly Batch[]): readonly Batch[] {
  const joined: Batch[] = []
  let open: { readonly first: Batch; readonly items: unknown[]; last: Batch } | undefined
  const close = (): void => {
    if (open === undefined) return
    const { first, items, last } = open
    joined.push(first === last ? first : { ...last, items, from: first.from })
    open = undefined
  }
  for (const batch of batches) {
    const isBehind = open?.last.offset === batch.from && open.last.streamId === batch.streamId
    if (!isWhole(batch) || !isBehind || (open?.items.length ?? 0) + batch.items.length > MANY) close()
    if (!isWhole(batch)) joined.push(batch)
    else if (open === undefined) open = { first: batch, items: [...batch.items], last: batch }
    else {
      for (const item of batch.items) open.items.push(item)
      open.last = batch
    }
  }
  close()
  return joined
}

/** Whether a batch is a response of changes alone: what a control means may depend on the response that it is in. */
function isWhole({ complete, first, stored, items }: Batch): boolean {
  return complete && first === 0 && stored === undefined && !items.some(isControl)
}

function isControl(item: unknown): boolean {
  const headers = (item as { headers?: { control?: unknown } | null } | null)?.headers // of which nothing is known yet
  return headers?.control !== undefined
}
