import { createStreamDB } from '@streamdb/db'
import type { CreateStreamDBOptions, Readable, StateSchema, StreamDB } from '@streamdb/db'
import { describeUrl, followRedirects, resolveUrl } from '@streamdb/log'
import { directoryState } from './directory-state.ts'
import type { DirectoryDefinitions, ListedSession } from './directory-state.ts'
import { SessionError } from './errors.ts'
import { toOwnRequest } from './own-request.ts'
import { followSession } from './follow-session.ts'
import { Listeners } from '@streamdb/log'
import type { Session } from './session.ts'
import { checkSessionOptions } from './session-options.ts'
import type { Me } from './session-options.ts'
import { shortId } from './short-id.ts'
import { write } from './writing.ts'
import type { Sending } from './writing.ts'

type StreamOptions = NonNullable<CreateStreamDBOptions['streamOptions']>
type DirectoryState = StateSchema<DirectoryDefinitions>

/** Options of `openDirectory`. */
export interface DirectoryOptions {
  /** The directory's stream. */
  readonly url: string
  readonly me: Me
  readonly streamOptions?: Omit<StreamOptions, 'url'> | undefined
  /** Options of the database. */
  readonly db?:
    Omit<Partial<CreateStreamDBOptions<DirectoryState>>, 'state' | 'stream' | 'streamOptions'> | undefined
}

/** A session, and how many of its messages this participant has not read. */
export interface DirectoryEntry extends ListedSession {
  readonly unread: number
}

/** What a new session is listed with. */
export interface NewSession {
  readonly id?: string | undefined
  /** Default: a stream beside the directory's, named by the id. */
  readonly url?: string | undefined
  readonly title?: string | undefined
  readonly participants?: readonly string[] | undefined
  readonly metadata?: unknown
}

/** A list of sessions, those with the latest activity first; `get` returns the same array until it changes. */
export class Directory implements Readable<readonly DirectoryEntry[]> {
  readonly url: string
  readonly me: Me
  readonly db: StreamDB<DirectoryState>
  readonly #streamOptions: StreamOptions
  readonly #listeners = new Listeners()
  /** Where each session was put last: the order of the log. */
  readonly #activity = new Map<string, number>()
  readonly #stops: (() => void)[]
  #events = 0
  #entries: readonly DirectoryEntry[] | undefined

  constructor(db: StreamDB<DirectoryState>, streamOptions: StreamOptions, me: Me) {
    this.db = db
    this.url = db.stream.url
    this.me = me
    this.#streamOptions = streamOptions
    const changed = (): void => {
      this.#entries = undefined
      this.#listeners.notify()
    }
    const { sessions, marks } = db.collections
    const subscriptions = [sessions.subscribeChanges(changed), marks.subscribeChanges(changed)]
    this.#stops = [
      db.observe({
        onEvent: ({ type, key }) => void (type === 'session' && this.#activity.set(key, this.#events++)),
      }),
      ...subscriptions.map((subscription) => () => subscription.unsubscribe()),
    ]
  }

  readonly subscribe = (run: () => void): (() => void) => this.#listeners.subscribe(run)

  /** Returns all sessions, archived ones too. */
  readonly get = (): readonly DirectoryEntry[] => (this.#entries ??= this.#read())

  preload(): Promise<void> {
    return this.db.preload()
  }

  /** Lists a session; its stream is made when it is opened. */
  create({
    id = shortId(),
    url,
    title,
    participants = [this.me.id],
    metadata,
  }: NewSession = {}): Sending<ListedSession> {
    const row: ListedSession = {
      ...{
        id,
        url: resolveUrl(url ?? new URL(encodeURIComponent(id), this.url).href),
        participants,
        messages: 0,
        isRunning: false,
      },
      ...(title === undefined ? {} : { title }),
      ...(metadata === undefined ? {} : { metadata }),
      ...{ lastActivity: new Date().toISOString(), by: this.me.id },
    }
    return write(this.db, row, () => void this.db.collections.sessions.insert(row))
  }

  rename(id: string, title: string): Sending<ListedSession> {
    return this.#update(id, { title })
  }

  archive(id: string, archived = true): Sending<ListedSession> {
    return this.#update(id, { archived })
  }

  /** Deletes a session: its stream, and then its row. Rejects with `request-failed`, and `not-found`. */
  async delete(id: string): Promise<void> {
    const { url } = this.#find(id)
    const send = this.#streamOptions.fetch ?? fetch
    const own = await toOwnRequest(url, this.#streamOptions)
    const response = await send(own.url, { method: 'DELETE', headers: own.headers })
    await response.body?.cancel()
    // Nobody has opened it, or somebody has deleted it: it is gone.
    if (!response.ok && response.status !== 404 && response.status !== 410) {
      const message = `Deleting ${describeUrl(url)} was refused with ${response.status}`
      throw new SessionError('request-failed', message, { status: response.status })
    }
    await write(this.db, { id }, () => void this.db.collections.sessions.delete(id))
  }

  /** Says that this participant has read all of a session; on every device. */
  markRead(id: string): Sending<{ readonly id: string }> {
    const { messages } = this.#find(id)
    const mark = { id: `${id}:${this.me.id}`, session: id, participant: this.me.id, messages }
    const { marks } = this.db.collections
    return write(this.db, mark, () => {
      if (marks.has(mark.id)) marks.update(mark.id, (row) => void Object.assign(row, mark))
      else marks.insert(mark)
    })
  }

  /** Keeps the row of a session that is open here up to date; returns what ends that. */
  follow(id: string, session: Session): () => void {
    this.#find(id)
    return followSession(this.db, id, session)
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
    this.#listeners.clear()
    this.db.close()
  }

  #read(): DirectoryEntry[] {
    const { sessions, marks } = this.db.collections
    const placeOf = (id: string): number => this.#activity.get(id) ?? Infinity
    return [...sessions.values()]
      .map((session) => {
        const read = marks.get(`${session.id}:${this.me.id}`)?.messages ?? 0
        return { ...session, unread: Math.max(0, session.messages - read) }
      })
      .sort((a, b) => (placeOf(a.id) === placeOf(b.id) ? 0 : placeOf(b.id) - placeOf(a.id)))
  }

  #update(id: string, changes: Partial<ListedSession>): Sending<ListedSession> {
    const row = this.#find(id)
    const { sessions } = this.db.collections
    return write(
      this.db,
      { ...row, ...changes },
      () => void sessions.update(id, (draft) => void Object.assign(draft, changes)),
    )
  }

  #find(id: string): ListedSession {
    const row = this.db.collections.sessions.get(id)
    if (row !== undefined) return row
    throw new SessionError('not-found', `There is no session "${id}" in ${describeUrl(this.url)}`)
  }
}

/**
 * Opens a list of sessions, on a stream of its own, and starts to read it.
 *
 * @example
 * ```ts
 * const directory = openDirectory({ url: `${url}-directory`, me: { id: 'ada' } })
 * await directory.create({ title: 'Plans' })
 * directory.close()
 * ```
 */
export function openDirectory(options: DirectoryOptions): Directory {
  const directory = prepareDirectory(options)
  // Its failure is a status, and whoever preloads is told of it.
  directory.preload().catch(() => undefined)
  return directory
}

/** Makes a directory that reads from `preload`, or its first reader, on. Throws `invalid-options`. */
export function prepareDirectory(directoryOptions: DirectoryOptions): Directory {
  const { url, me, streamOptions, db: given } = directoryOptions
  checkSessionOptions(directoryOptions, 'openDirectory')
  const { redirects } = given ?? {}
  const options = {
    warnOnHttp: false,
    ...streamOptions,
    fetch: followRedirects({ ...redirects, fetch: streamOptions?.fetch }),
    url: resolveUrl(url),
  }
  const db = createStreamDB({ onMissing: 'create', ...given, streamOptions: options, state: directoryState })
  const directory = new Directory(db, options, me)
  // Whoever closes the database closes the directory.
  db.subscribeStatus(({ name }) => void (name === 'closed' && directory.close()))
  return directory
}
