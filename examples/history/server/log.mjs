import { jsonItems } from '@streamdb/example-shared/json-items'
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** @typedef {import('./history.mjs').StateEvent} StateEvent */

const headers = { 'content-type': 'application/json' }

/** One durable stream of JSON events, by plain HTTP: created with PUT, appended to with POST, read with GET. */
export class Log {
  #streams
  #nameFile
  #name = ''

  /**
   * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
   * @param {string} folder Keeps the stream's name.
   */
  constructor(streams, folder) {
    this.#streams = streams
    this.#nameFile = join(folder, 'log')
  }

  /** The stream's path on its server. */
  get path() {
    return `/stream/${this.#name}`
  }

  /** Opens the stream of the last run, or creates the first one. */
  async open() {
    this.#name = await readFile(this.#nameFile, 'utf8').catch(() => '')
    if (this.#name === '') await this.#create()
    else await this.#request('PUT')
  }

  /**
   * Replaces the stream by an empty one under another name.
   *
   * Under the same name, a reader would resume at its old offset, which is a place within other events now.
   */
  async renew() {
    const old = this.path
    await this.#create()
    await this.#request('DELETE', { path: old })
  }

  /**
   * Appends `events` together: a reader sees all of them or none.
   * @param {readonly StateEvent[]} events
   */
  async append(events) {
    await this.#request('POST', { body: JSON.stringify(events) })
  }

  /**
   * Returns every event in the log.
   * @returns {Promise<StateEvent[]>}
   */
  async read() {
    /** @type {StateEvent[][]} */
    const pages = []
    for (let offset = '-1', upToDate = false; !upToDate;) {
      const answer = await this.#request('GET', { query: `?offset=${offset}` })
      pages.push(/** @type {StateEvent[]} */ (jsonItems(answer)))
      const next = String(answer.headers['stream-next-offset'] ?? offset)
      upToDate = answer.headers['stream-up-to-date'] !== undefined || next === offset
      offset = next
    }
    return pages.flat()
  }

  async #create() {
    this.#name = `history-${randomUUID()}`
    await this.#request('PUT')
    await writeFile(this.#nameFile, this.#name)
  }

  /**
   * @param {'PUT' | 'POST' | 'GET' | 'DELETE'} method
   * @param {{ path?: string, query?: string, body?: string }} [parts]
   */
  async #request(method, { path = this.path, query = '', body } = {}) {
    const target = path + query
    const answer = await this.#streams.fetch({
      method,
      path: target,
      headers,
      ...(body !== undefined && { body }),
    })
    if (answer.ok) return answer
    throw new Error(`${method} ${target} failed with ${answer.status}: ${answer.body}`)
  }
}
