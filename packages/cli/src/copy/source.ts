import type { SourcePosition } from './journal.ts'

/** One item on its way. */
export interface CopiedItem {
  readonly text: string
  readonly txid: string | undefined
  /** Where the copy stands behind it. */
  readonly position: SourcePosition
}

/** Where items come from. */
export interface CopySource {
  /** Where it begins. */
  readonly start: SourcePosition
  /** Where it ends now, for a bar: an offset, or bytes. */
  readonly end: string | number | undefined
  /** Gives the items behind a position, in order. Throws `source-changed` where the position is of another source. */
  read(from: SourcePosition): AsyncGenerator<CopiedItem, void>
}

/** Returns the txid of an item, whatever it is. */
export function txidOf(item: unknown): string | undefined {
  const { txid } = Object((Object(item) as { headers?: unknown }).headers) as { txid?: unknown }
  return typeof txid === 'string' ? txid : undefined
}
