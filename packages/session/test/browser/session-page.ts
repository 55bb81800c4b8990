import { indexedDBStorage } from '@streamdb/persist'
import { openSession } from '../../src/index.ts'
import type { Session } from '../../src/index.ts'

let session: Session | undefined
const shown: string[] = []

/** A tab of a session, which stores what it reads and what it writes without a connection. */
export const page = {
  async open(url: string): Promise<void> {
    session = openSession({
      ...{ url, me: { id: 'ada' } },
      db: {
        storage: indexedDBStorage(),
        offline: true,
        retry: { initialDelay: 10, maxDelay: 100 },
      },
    })
    session.view().subscribe(note)
    session.db.observe({ onChanges: note })
    await session.preload()
    note()
  },
  role: (): string | undefined => session?.db.storage?.tabs.get().role,
  device: (): string | undefined => session?.device,
  lines,
  /** Every state of the last message that this tab has shown. */
  shown: (): readonly string[] => shown,
  waiting: (): number | undefined => session?.db.outbox?.get().length,
  /** Starts an agent in a worker of this page. */
  startAgent: (url: string): void => new Worker('/agent-worker.js').postMessage(url),
  /** Does not wait: without a connection it is not confirmed. */
  send: (text: string): void => void session?.send(text),
}

function lines(): string[] {
  return (session?.thread() ?? []).map(
    ({ message, parts }) => `${message.author}: ${parts.map(({ text }) => text ?? '').join('')}`,
  )
}

function note(): void {
  const last = lines().at(-1) ?? ''
  if (last !== shown.at(-1)) shown.push(last)
}

Object.assign(globalThis, { page })

export type SessionPage = typeof page
