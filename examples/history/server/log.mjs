import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** @typedef {import('./history.mjs').StateEvent} StateEvent */

const json = { 'content-type': 'application/json' }

/** One durable stream of JSON events, by plain HTTP: made with PUT, appended to with POST, read with GET. */
export class Log {
  #server
  #nameFile
  #name = ''

  /**
   * @param {string} server The stream server's address.
   * @param {string} folder Keeps the stream's name.
   */
  constructor(server, folder) {
    this.#server = server
    this.#nameFile = join(folder, 'log')
  }

  /** Where the stream is on its server. */
  get path() {
    return `/stream/${this.#name}`
  }

  /** Opens the stream of the last time, or makes the first one. */
  async open() {
    this.#name = await readFile(this.#nameFile, 'utf8').catch(() => '')
    if (this.#name === '') await this.#begin()
    else await this.#request('PUT')
  }

  /**
   * Goes on with an empty stream under another name.
   *
   * Under the same name, a reader would go on at its offset, and that would now lie amid other events.
   */
  async renew() {
    const old = this.path
    await this.#begin()
    await this.#request('DELETE', { path: old })
  }

  /**
   * Appends `events` as one: a reader sees all of them or none.
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
      const response = await this.#request('GET', { query: `?offset=${offset}` })
      pages.push(/** @type {StateEvent[]} */ (await response.json()))
      const next = response.headers.get('stream-next-offset') ?? offset
      upToDate = response.headers.has('stream-up-to-date') || next === offset
      offset = next
    }
    return pages.flat()
  }

  async #begin() {
    this.#name = `history-${randomUUID()}`
    await this.#request('PUT')
    await writeFile(this.#nameFile, this.#name)
  }

  /**
   * @param {'PUT' | 'POST' | 'GET' | 'DELETE'} method
   * @param {{ path?: string, query?: string, body?: string }} [parts]
   */
  async #request(method, { path = this.path, query = '', body } = {}) {
    const url = `${this.#server}${path}${query}`
    const response = await fetch(url, { method, headers: json, ...(body === undefined ? {} : { body }) })
    if (response.ok) return response
    throw new Error(`${method} ${url} failed with ${response.status}: ${await response.text()}`)
  }
}
