import type { Session } from '../session.ts'

/** A session, whatever collections an application has added. */
export type AnySession = Session
