import { jsonItems } from '@streamdb/example-shared/json-items'
import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** @typedef {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} Streams */

/** The longest log that another run goes on with, in bytes: beyond it, the next run begins with the rows alone. */
const usualMaxBytes = 8 * 1024 * 1024

/**
 * Opens the stream of the last run, or creates the first one; returns its path.
 *
 * Heartbeats and progress make a log grow, also where its rows stay few. So where it has become long, the rows are copied into
 * a stream under another name, and the old one is deleted. No worker runs yet, and pages of the last run ask for the new name.
 * @param {Streams} streams
 * @param {string} folder Keeps the stream's name.
 * @param {(from: string, to: string) => Promise<void>} copyRows Copies the rows of a stream into another one.
 * @param {number} [maxBytes]
 */
export async function openStream(streams, folder, copyRows, maxBytes = usualMaxBytes) {
  const file = join(folder, 'stream')
  const kept = await readFile(file, 'utf8').catch(() => '')
  const path = kept === '' ? newName() : kept
  const bytes = await create(streams, path)
  if (bytes <= maxBytes) {
    await save(file, path)
    return path
  }
  const next = newName()
  await create(streams, next)
  await copyRows(path, next)
  await save(file, next)
  await remove(streams, path)
  return next
}

function newName() {
  return `/stream/jobs-${randomUUID()}`
}

/**
 * Creates a stream where there is none, with an index of its snapshots, which is empty at first: pages ask for it, and a
 * browser reports what is missing. Returns how many bytes are in the stream.
 * @param {Streams} streams
 * @param {string} path
 */
async function create(streams, path) {
  await send(streams, 'PUT', `${path}.snapshots`)
  const { headers } = await send(streams, 'PUT', path)
  // An offset is `file_byte`, or a number of bytes alone, on the servers of docs/servers.md.
  return Number(String(headers['stream-next-offset']).split('_').at(-1)) || 0
}

/**
 * Deletes a stream with its snapshots.
 * @param {Streams} streams
 * @param {string} path
 */
async function remove(streams, path) {
  const index = await send(streams, 'GET', `${path}.snapshots`, '?offset=-1')
  const entries = /** @type {readonly { readonly value?: { readonly url?: string } }[]} */ (jsonItems(index))
  const names = new Set(entries.flatMap(({ value }) => (typeof value?.url === 'string' ? [value.url] : [])))
  for (const name of names) {
    const { pathname } = new URL(name, `http://streams${path}`)
    for (const each of [pathname, `${pathname}.few`]) await send(streams, 'DELETE', each)
  }
  for (const each of [`${path}.snapshots`, path]) await send(streams, 'DELETE', each)
}

/**
 * @param {string} file
 * @param {string} path
 */
async function save(file, path) {
  await writeFile(`${file}.part`, path)
  await rename(`${file}.part`, file)
}

/**
 * @param {Streams} streams
 * @param {'GET' | 'PUT' | 'DELETE'} method
 * @param {string} path
 */
async function send(streams, method, path, query = '') {
  const headers = { 'content-type': 'application/json' }
  const answer = await streams.fetch({ method, path: path + query, headers })
  // What is gone already may be deleted.
  if (answer.ok || (method === 'DELETE' && answer.status === 404)) return answer
  throw new Error(`${method} ${path} failed with ${answer.status}: ${answer.body}`)
}
