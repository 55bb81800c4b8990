/** How large an event may be, in characters of JSON: parsing one holds the event loop for as long as it takes. */
export const maxItemSize: number = 8 * 1024 * 1024

/** Stands in the place of an item that was not parsed, as it is larger than a reader takes. */
export class TooLargeItem {
  /** In characters of JSON. */
  readonly size: number
  readonly limit: number

  constructor(size: number, limit: number) {
    this.size = size
    this.limit = limit
  }
}
