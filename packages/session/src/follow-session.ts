import type { StateSchema, StreamDB } from '@streamdb/db'
import type { DirectoryDefinitions, ListedSession } from './directory-state.ts'
import type { Message, Run } from './rows.ts'
import { isActive } from './run-states.ts'
import type { Session } from './session.ts'

/** What happens in short order is written as one change, in milliseconds. */
const pause = 50

/**
 * Writes what happens in a session into its row of a directory. Of those who follow it the one that did it writes: the
 * device of the message's author, or the process that holds the run.
 */
export function followSession(
  db: Pick<StreamDB<StateSchema<DirectoryDefinitions>>, 'collections'>,
  id: string,
  session: Session,
): () => void {
  const { sessions } = db.collections
  let timer: ReturnType<typeof setTimeout> | undefined

  const isMine = (row: Message | Run | undefined): boolean =>
    row !== undefined &&
    ('author' in row ? row.author === session.me.id : row.holder?.startsWith(`${session.device}/`) === true)

  function update(): void {
    timer = undefined
    const row = sessions.get(id)
    if (row === undefined) return
    const next = summaryOf(session)
    // Where only the end of a session was read, those that it does not know are counted already.
    if (isPartial()) next.messages = row.messages + added
    added = 0
    // Counts only grow: another device may have read more than this one.
    const messages = Math.max(row.messages, next.messages)
    const isSame =
      messages === row.messages &&
      next.isRunning === row.isRunning &&
      next.participants.every((participant) => row.participants.includes(participant))
    if (isSame) return
    const participants = [...new Set([...row.participants, ...next.participants])]
    const lastActivity = new Date().toISOString()
    sessions.update(
      id,
      (draft) => void Object.assign(draft, { ...next, messages, participants, lastActivity }),
    )
  }

  const isPartial = (): boolean => (session.db.older.remaining ?? 0) > 0
  const known = new Set<unknown>(session.collections.messages.keys())
  let added = 0

  function count(messages: ReadonlyMap<string, unknown> | undefined): void {
    // What is loaded at first, or behind it, is not new.
    const isLoading = known.size === 0 || session.db.older.loading
    for (const [id, row] of messages ?? []) {
      if (known.has(id)) continue
      known.add(id)
      if (!isLoading && isMine(row as Message | undefined)) added++ // as below
    }
  }

  const stop = session.db.observe({
    onChanges: ({ rows }) => {
      count(rows.get('message'))
      const changed = [...(rows.get('message')?.values() ?? []), ...(rows.get('run')?.values() ?? [])]
      // The rows of these types, as their schemas returned them.
      const isDue = changed.some((row) => isMine(row as Message | Run | undefined)) || isStale()
      if (isDue) timer ??= setTimeout(update, pause)
    },
  })

  /** The process of its run died: whoever sees it says so. */
  function isStale(): boolean {
    return sessions.get(id)?.isRunning === true && !summaryOf(session).isRunning
  }

  return () => {
    clearTimeout(timer)
    stop()
  }
}

function summaryOf({ collections }: Session): {
  -readonly [Name in 'messages' | 'isRunning' | 'participants']: ListedSession[Name]
} {
  const { messages, runs, participants } = collections
  return {
    messages: messages.size,
    isRunning: [...runs.values()].some(isActive),
    participants: [...participants.keys()].map(String),
  }
}
