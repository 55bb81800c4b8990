import { startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'
import { openSession } from '../../src/index.ts'
import type { Session, SessionOptions } from '../../src/index.ts'

let server: Promise<StreamServer> | undefined
let sessions = 0

/** The real stream server, one for a test file. */
export function sessionServer(): Promise<StreamServer> {
  return (server ??= startStreamServer())
}

/** Returns the URL of a session that nobody has opened. */
export async function newSessionUrl(): Promise<string> {
  const { url } = await sessionServer()
  return `${url}/session-${process.pid}-${++sessions}`
}

/** Opens a session, loaded; closed with the test. */
export async function open(url: string, id: string, options: Partial<SessionOptions> = {}): Promise<Session> {
  const session = openSession({ url, me: { id }, ...options })
  onTestFinished(() => session.close())
  await session.preload()
  return session
}

/** Returns what a branch says: a line a message. */
export function lines(session: Session, branch?: string): string[] {
  return session.toModelMessages({ branch }).flatMap((message) => {
    const who = message.role === 'tool' ? 'tool' : message.author
    return message.content.map((part) => `${who}: ${part.type === 'text' ? part.text : part.type}`)
  })
}
