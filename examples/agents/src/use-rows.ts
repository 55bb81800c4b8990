import { useLiveQuery } from '@streamdb/react'
import type { Approval, Run, Session } from '@streamdb/session'

/** Runs that have not ended. */
export function isActive({ status }: Run): boolean {
  return status === 'running' || status === 'waiting' || status === 'interrupted'
}

/** Returns all runs of a session. */
export function useRuns(session: Pick<Session, 'collections'>): readonly Run[] {
  return useLiveQuery(session.collections.runs).data
}

/** Returns what a run asks, and has asked. */
export function useQuestions(session: Pick<Session, 'collections'>, run: string): readonly Approval[] {
  return useLiveQuery(session.collections.approvals).data.filter((approval) => approval.run === run)
}
