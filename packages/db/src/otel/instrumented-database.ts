import type { Observer } from '../observe.ts'
import type { Status } from '../sync/status.ts'
import type { Write } from '../writes/write.ts'

/** A database, as far as it is measured. */
export interface InstrumentedDatabase {
  readonly stream: { readonly url: string }
  readonly collections: Readonly<Record<string, { readonly size: number }>>
  readonly status: Status
  readonly pendingWrites: readonly Write[]
  readonly observe: (observer: Observer) => () => void
}
