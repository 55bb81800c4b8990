import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Opens the stream of the last run, or creates the first one; returns its path.
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 * @param {string} folder Keeps the stream's name.
 */
export async function openStream(streams, folder) {
  const file = join(folder, 'stream')
  const kept = await readFile(file, 'utf8').catch(() => '')
  const path = kept === '' ? `/stream/jobs-${randomUUID()}` : kept
  // With an index of its snapshots, which is empty at first: pages ask for it, and a browser reports what is missing.
  for (const each of [path, `${path}.snapshots`]) {
    const { ok, status, body } = await streams.fetch({
      ...{ method: 'PUT', path: each, headers: { 'content-type': 'application/json' } },
    })
    if (!ok) throw new Error(`PUT ${each} failed with ${status}: ${body}`)
  }
  await writeFile(file, path)
  return path
}
