import type { Write } from '../writes/write.ts'
import type { ForkedFrom } from './types.ts'

/** A branch, as far as it is compared and merged: what `db.fork` returned, of whatever type. */
export interface ComparableBranch {
  readonly stream: { readonly url: string }
  readonly forkedFrom: ForkedFrom
  readonly pendingWrites: readonly Write[]
  readonly subscribeWrites: (listener: () => void) => () => void
}
