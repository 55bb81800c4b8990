import { useLiveQuery } from '@streamdb/react'
import type { Approval, Message, Run, Session } from '@streamdb/session'

/** Runs that have not ended. */
export function isActive({ status }: Run): boolean {
  return status === 'running' || status === 'waiting' || status === 'interrupted'
}

/** Returns all runs of a session. */
export function useRuns(session: Session): readonly Run[] {
  return useLiveQuery(session.collections.runs).data
}

/** Returns the run that writes a message. */
export function useRunOf(session: Session, { run }: Message): Run | undefined {
  return useRuns(session).find(({ id }) => id === run)
}

/** Returns what a run asks, and has asked. */
export function useApprovals(session: Session, run: string): readonly Approval[] {
  return useLiveQuery(session.collections.approvals).data.filter((approval) => approval.run === run)
}
