import { examples } from './examples.mjs'

/** @typedef {import('./example-process.mjs').ExampleState} ExampleState */

/** The path of the stream that the page reads. */
export const boardPath = '/stream/examples'

/** Writes into the stream of the page which examples there are, and how each fares. */
export class Board {
  #streams
  #writing = Promise.resolve()
  #isClosed = false

  /** @param {import('@streamdb/example-shared/server').StreamServer} streams */
  constructor(streams) {
    this.#streams = streams
  }

  /** Makes the stream: what an earlier run has written is gone, as its processes are. */
  async create() {
    const headers = { 'content-type': 'application/json' }
    await this.#streams.fetch({ method: 'DELETE', path: boardPath })
    const { ok, status } = await this.#streams.fetch({ method: 'PUT', path: boardPath, headers })
    if (!ok) throw new Error(`The stream of the examples was not made: ${status}`)
    for (const { id } of examples) this.put(id, { name: 'off' })
    await this.#writing
  }

  /**
   * Appends the row of an example. Rows are written one after the other, in the order of the calls.
   * @param {string} id
   * @param {ExampleState} state
   */
  put(id, state) {
    const place = examples.findIndex((example) => example.id === id)
    const { name, ...facts } = state
    const value = { ...examples[place], place, state: name, ...facts }
    const event = { type: 'example', key: id, value, headers: { operation: 'upsert' } }
    this.#writing = this.#writing.then(async () => this.#append(event))
  }

  /** Takes no more rows; resolves when those before are written. */
  async close() {
    this.#isClosed = true
    await this.#writing
  }

  /** Never rejects: one row that cannot be written does not keep those behind it. @param {object} event */
  async #append(event) {
    if (this.#isClosed) return
    const headers = { 'content-type': 'application/json' }
    const request = { method: 'POST', path: boardPath, headers, body: JSON.stringify(event) }
    const why = await this.#streams.fetch(request).then(
      ({ ok, status }) => (ok ? undefined : `the stream answered ${status}`),
      (error) => String(error),
    )
    if (why !== undefined) process.stderr.write(`The list of examples is not up to date: ${why}\n`)
  }
}
