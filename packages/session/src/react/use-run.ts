'use client'

import { useCallback, useMemo } from 'react'
import type { DecisionOptions } from '../decisions.ts'
import type { Approval, Part, Run, RunStatus, Step } from '../rows.ts'
import { isActive, isOver } from '../run-states.ts'
import type { Named } from '../session.ts'
import type { AnySession } from './any-session.ts'
import { inLogOrder } from './in-log-order.ts'
import { withoutDuty } from './settled.ts'
import { useSessionOf } from './session-context.ts'
import type { SessionSource } from './session-context.ts'
import { useSelected } from './use-selected.ts'

/** A run as a component shows it. */
export interface RunState {
  /** Absent where the session has no such run (yet). */
  readonly run: Run | undefined
  readonly status: RunStatus | undefined
  /** It works, or waits for a decision. */
  readonly isActive: boolean
  /** Nothing more happens to it. */
  readonly isOver: boolean
  /** Somebody has asked it to end, and it has not yet. */
  readonly isCancelling: boolean
  /** Why it failed, was interrupted or was skipped: a code, and words where there are some. */
  readonly error: { readonly code: string; readonly reason: string | undefined } | undefined
  /** The steps that are done, in their order. */
  readonly steps: readonly Step[]
  /** Its tool calls, with their input, `toolState` and output. */
  readonly tools: readonly Part[]
  /** What it asks and nobody has decided. */
  readonly approvals: readonly Approval[]
  /**
   * Asks it to end. Rejects with `run-over`, or where the write was refused; nobody has to handle that. Without a run it
   * does nothing.
   */
  readonly cancel: (options?: DecisionOptions) => Promise<void>
}

/**
 * Follows a run: what becomes of it, why, its steps and tool calls. `undefined` follows none.
 *
 * Renders when one of these changes, never for text that streams. Throws `invalid-options` where there is no session.
 */
export function useRun(run: Named<Run> | undefined, { session: own }: SessionSource = {}): RunState {
  const session = useSessionOf('useRun', own)
  const id = typeof run === 'object' ? run.id : run
  const facts = useSelected(session, ['runs', 'steps', 'parts', 'approvals', 'decisions'], () =>
    id === undefined ? none : factsOf(session, id),
  )
  const cancel = useCallback(
    (options?: DecisionOptions) =>
      id === undefined ? Promise.resolve() : withoutDuty(session.cancel(id, options)),
    [session, id],
  )
  return useMemo(() => stateOf(facts, cancel), [facts, cancel])
}

type Facts = Pick<RunState, 'run' | 'isCancelling' | 'steps' | 'tools' | 'approvals'>

const none: Facts = { run: undefined, isCancelling: false, steps: [], tools: [], approvals: [] }

function factsOf(session: AnySession, id: string): Facts {
  const { runs, steps, approvals } = session.collections
  const run = runs.get(id)
  if (run === undefined) return none
  return {
    run,
    isCancelling: !isOver(run) && isCancelled(session, id),
    steps: inLogOrder(
      session,
      'step',
      [...steps.values()].filter((step) => step.run === id),
    ),
    tools: session.message(run.message)?.parts.filter(({ kind }) => kind === 'tool-call') ?? [],
    approvals: isOver(run)
      ? []
      : inLogOrder(
          session,
          'approval',
          [...approvals.values()].filter(
            (approval) =>
              approval.run === id &&
              approval.status === 'pending' &&
              session.decision(approval.id) === undefined,
          ),
        ),
  }
}

/** Whether the log has a decision to cancel a run, or this device has just written one. */
function isCancelled(session: AnySession, run: string): boolean {
  const { decisions } = session.collections
  return session.decision(run)?.verdict === 'cancel' || decisions.has(`${run}:${session.me.id}`)
}

function stateOf(facts: Facts, cancel: RunState['cancel']): RunState {
  const { run } = facts
  const isWrong = run?.status === 'failed' || run?.status === 'interrupted' || run?.status === 'skipped'
  return {
    ...facts,
    status: run?.status,
    isActive: run !== undefined && isActive(run),
    isOver: run !== undefined && isOver(run),
    error: isWrong ? { code: run.code ?? run.status, reason: run.reason } : undefined,
    cancel,
  }
}
