import type { Write } from '../writes/write.ts'
import type { ForkedFrom } from './types.ts'

/** The part of a branch that comparing and merging need: a result of `db.fork` of any type. */
export interface ComparableBranch {
  readonly stream: { readonly url: string }
  readonly forkedFrom: ForkedFrom
  readonly pendingWrites: readonly Write[]
  readonly subscribeWrites: (listener: () => void) => () => void
}
