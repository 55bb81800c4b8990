import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStreamDB } from '@streamdb/db'
import type { CreateStreamDBOptions, StreamDB } from '@streamdb/db'
import { quick, room } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { expect, onTestFinished } from 'vitest'
import { binaryPath, crates } from '../../../scripts/engines/catalog.mjs'
import { startEngine } from '../../../scripts/engines/start-engine.mjs'

/** Engines whose streams are in files of one folder, as far as they are installed. */
export const restorable = (['node', 'ds'] as const).filter(
  (engine) => engine === 'node' || existsSync(binaryPath(crates.ds)),
)

/** A server whose files can be put back to an older copy, and clients that can be kept from it. */
export interface RestorableServer {
  /** Creates a stream; returns its URL. */
  createStream(name: string): Promise<string>
  /** Copies the files while nothing is written. */
  backUp(): Promise<void>
  /**
   * Kills the server, puts the copy in the place of its files and starts it again. Clients reach it when `meanwhile` has
   * ended.
   */
  restore(meanwhile: () => Promise<void>): Promise<void>
  /** Opens a database; closed with the test. */
  open(url: string, options?: Partial<CreateStreamDBOptions<Room>>): Client
  stop(): Promise<void>
}

/** A database, and the errors that it reported: the code, and the key of the write. */
export interface Client {
  readonly db: StreamDB<Room>
  readonly errors: string[]
  /** Writes a message; resolves when it is confirmed. */
  say(id: string): Promise<unknown>
}

export async function startRestorableServer(engine: 'node' | 'ds'): Promise<RestorableServer> {
  const directory = await mkdtemp(join(tmpdir(), 'streamdb-restored-'))
  const server = await startEngine(engine, { dataDir: join(directory, 'server') })
  const [files, backup] = [join(directory, 'server', 'streams'), join(directory, 'backup')]
  let isReachable = true
  const fetch: typeof globalThis.fetch = (input, init) =>
    isReachable ? globalThis.fetch(input, init) : Promise.reject(new TypeError('fetch failed'))
  return {
    async createStream(name) {
      const url = server.streamUrl(name)
      const headers = { 'content-type': 'application/json', connection: 'close' }
      expect((await globalThis.fetch(url, { method: 'PUT', headers })).ok).toBe(true)
      return url
    },
    async backUp() {
      await rm(backup, { recursive: true, force: true })
      await cp(files, backup, { recursive: true })
    },
    async restore(meanwhile) {
      isReachable = false
      await server.kill()
      await rm(files, { recursive: true })
      await cp(backup, files, { recursive: true })
      await server.start()
      await meanwhile()
      isReachable = true
    },
    open(url, options) {
      const errors: string[] = []
      const onError: CreateStreamDBOptions<Room>['onError'] = ({ code }, write) =>
        void errors.push(`${code} ${String(write?.transaction.mutations[0]?.key)}`)
      const db = createStreamDB({
        ...{ streamOptions: { url, fetch }, state: room, retry: quick, onError },
        ...options,
      })
      onTestFinished(() => db.close())
      const say = (id: string): Promise<unknown> => {
        const row = { id, userId: 'u1', text: `text of ${id}`, likes: 0 }
        return Promise.resolve(db.transact(() => void db.collections.messages.insert(row)).when('settled'))
      }
      return { db, errors, say }
    },
    async stop() {
      await server.kill()
      await rm(directory, { recursive: true })
    },
  }
}

/** Appends events as a writer does that never was away. */
export async function append(url: string, ...events: unknown[]): Promise<void> {
  const headers = { 'content-type': 'application/json', connection: 'close' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(events) })
  expect(response.ok).toBe(true)
}
