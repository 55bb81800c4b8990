'use client'

import { useMemo, useReducer } from 'react'
import type { DecisionOptions } from '../decisions.ts'
import { branchOf } from '../branches.ts'
import { SessionError } from '../errors.ts'
import type { Approval, Decision, Run, Verdict } from '../rows.ts'
import { isOver } from '../run-states.ts'
import type { Named } from '../session.ts'
import type { AnySession } from './any-session.ts'
import { toError } from './draft-uploads.ts'
import { inLogOrder } from './in-log-order.ts'
import { useSessionOf } from './session-context.ts'
import type { SessionSource } from './session-context.ts'
import { useSelected } from './use-selected.ts'

/** How far the decision of this component is. */
export type ApprovalProgress =
  /** Nobody has decided. */
  | { readonly name: 'open' }
  /** What was chosen here is being written. */
  | { readonly name: 'deciding' }
  /** What was chosen here counts. */
  | { readonly name: 'decided'; readonly decision: Decision }
  /** Somebody else was first: `winner` is their decision. Shown until `dismiss`. */
  | { readonly name: 'lost'; readonly winner: Decision | undefined }
  /** It could not be decided: it expired (`expired`), its run has ended (`run-over`), or the write was refused. */
  | { readonly name: 'failed'; readonly error: Error }

/** A question of an agent, with what a component needs to answer it. */
export interface ApprovalState {
  readonly approval: Approval
  readonly progress: ApprovalProgress
  /** Resolves with whether this decision counts; never rejects: `progress` says why not. */
  readonly approve: (options?: DecisionOptions & { readonly value?: unknown }) => Promise<boolean>
  /** The same, for no. */
  readonly deny: (options?: DecisionOptions) => Promise<boolean>
  /** The same, for a question of the kind `input`. */
  readonly answer: (value: unknown) => Promise<boolean>
  /** Forgets that somebody was first, or that it failed. */
  readonly dismiss: () => void
}

/** Which approvals are meant. */
export interface UseApprovalsOptions extends SessionSource {
  readonly run?: Named<Run> | undefined
  /** Default: of every branch. */
  readonly branch?: string | undefined
}

/**
 * Returns the questions that nobody has decided, the oldest first, and those that were decided here: they stay until the agent has gone on
 * and, where somebody else was first or it failed, until they are dismissed. Those of runs that have ended are left out.
 *
 * Throws `invalid-options` where there is no session.
 *
 * @example
 * ```tsx
 * const approvals = useApprovals()
 * return approvals.map(({ approval, progress, approve, deny }) => (
 *   <p key={approval.id}>
 *     {progress.name === 'lost' ? `${progress.winner?.actor} was first` : approval.question}
 *     <button onClick={() => void approve()}>Yes</button>
 *     <button onClick={() => void deny()}>No</button>
 *   </p>
 * ))
 * ```
 */
export function useApprovals(options: UseApprovalsOptions = {}): readonly ApprovalState[] {
  const session = useSessionOf('useApprovals', options.session)
  const run = typeof options.run === 'object' ? options.run.id : options.run
  const { branch } = options
  const [all, report] = useReducer(next, noProgress)
  // What was decided in another session is no progress in this one.
  const known = all.session === session ? all.byId : noProgress.byId
  const approvals = useSelected(session, ['approvals', 'runs', 'decisions'], () =>
    inLogOrder(
      session,
      'approval',
      [...session.collections.approvals.values()].filter(
        (approval) => isKept(approval, known) || isOpen(session, approval, { run, branch }),
      ),
    ),
  )
  return useMemo(
    () =>
      approvals.map((approval): ApprovalState => {
        const say = (progress?: ApprovalProgress): void => report({ session, id: approval.id, progress })
        const decide = async (verdict: Verdict, write: () => Promise<Decision>): Promise<boolean> => {
          const before = underWayIn(session).get(approval.id)
          // Pressed twice it is one decision; what is pressed after another comes second.
          if (before !== undefined) return (await before.counts) && before.verdict === verdict
          say({ name: 'deciding' })
          const counts = write().then(
            (decision) => {
              say({ name: 'decided', decision })
              return true
            },
            (error: unknown) => {
              say(toProgress(error, session))
              return false
            },
          )
          underWayIn(session).set(approval.id, { verdict, counts })
          const isCounted = await counts
          underWayIn(session).delete(approval.id)
          return isCounted
        }
        return {
          approval,
          progress: known.get(approval.id) ?? open,
          approve: (given) => decide('approve', () => session.approve(approval, given)),
          deny: (given) => decide('deny', () => session.deny(approval, given)),
          answer: (value) => decide('answer', () => session.answer(approval, value)),
          dismiss: () => say(),
        }
      }),
    [approvals, known, session],
  )
}

/** A decision that is being written. */
interface UnderWay {
  readonly verdict: Verdict
  readonly counts: Promise<boolean>
}

/** By session, and by approval: several components may show one. */
const underWay = new WeakMap<AnySession, Map<string, UnderWay>>()

function underWayIn(session: AnySession): Map<string, UnderWay> {
  const known = underWay.get(session) ?? new Map<string, UnderWay>()
  underWay.set(session, known)
  return known
}

const open: ApprovalProgress = { name: 'open' }

/** Whether something was done here that is still to be shown. */
function isKept({ id, status }: Approval, known: ReadonlyMap<string, ApprovalProgress>): boolean {
  const progress = known.get(id)
  return progress !== undefined && (progress.name !== 'decided' || status === 'pending')
}

function isOpen(
  session: AnySession,
  approval: Approval,
  { run, branch }: { readonly run: string | undefined; readonly branch: string | undefined },
): boolean {
  if (approval.status !== 'pending' || session.decision(approval.id) !== undefined) return false
  if (run !== undefined && approval.run !== run) return false
  const asking = session.run(approval.run)
  if (asking === undefined) return branch === undefined
  return !isOver(asking) && (branch === undefined || branchOf(asking) === branch)
}

function toProgress(error: unknown, { me, device }: AnySession): ApprovalProgress {
  if (error instanceof SessionError && error.code === 'already-decided') {
    // With this code, `winner` is a decision.
    const winner = error.winner as Decision | undefined
    const isOwn = winner !== undefined && winner.actor === me.id && winner.device === device
    return isOwn ? { name: 'decided', decision: winner } : { name: 'lost', winner }
  }
  return { name: 'failed', error: toError(error) }
}

interface Progress {
  readonly session: AnySession | undefined
  readonly byId: ReadonlyMap<string, ApprovalProgress>
}

interface Report {
  readonly session: AnySession
  readonly id: string
  readonly progress: ApprovalProgress | undefined
}

const noProgress: Progress = { session: undefined, byId: new Map() }

function next(before: Progress, { session, id, progress }: Report): Progress {
  const byId = new Map(before.session === session ? before.byId : [])
  if (progress === undefined) byId.delete(id)
  else byId.set(id, progress)
  return { session, byId }
}
