'use client'

import { useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { branchOf, mainBranch } from '../branches.ts'
import type { SendOptions } from '../composer.ts'
import { SessionError } from '../errors.ts'
import type { NewPart, QueueItem, Run } from '../rows.ts'
import { isActive } from '../run-states.ts'
import type { AnySession } from './any-session.ts'
import { emptyDraft, toDraftStorage } from './composer-draft.ts'
import type { DraftAttachment, DraftStorage } from './composer-draft.ts'
import { ComposerStore } from './composer-store.ts'
import type { ComposerState, FailedMessage } from './composer-store.ts'
import { inLogOrder } from './in-log-order.ts'
import { BranchContext, useSessionOf } from './session-context.ts'
import type { SessionSource, ShownBranch } from './session-context.ts'
import { withoutDuty } from './settled.ts'
import { TypingNotice } from './typing-notice.ts'
import { useSelected } from './use-selected.ts'

/** Options of `useComposer`. */
export interface UseComposerOptions extends SessionSource {
  /** Default: the branch that the provider shows. */
  readonly branch?: string | undefined
  /** What `submit` does while an agent is busy. Default `enqueue`. */
  readonly whenBusy?: 'send' | 'enqueue' | 'steer' | undefined
  /** Keeps the draft over a reload: in `localStorage`, in `sessionStorage`, or elsewhere. Default: it is in memory alone. */
  readonly draftStorage?: 'local' | 'session' | DraftStorage | undefined
  /** Tells the others that somebody writes here: `usePresence().typing`. Default true. */
  readonly announceTyping?: boolean | undefined
  /** The key in `draftStorage`. Default: one for the session's URL and the participant. */
  readonly draftKey?: string | undefined
}

/** What a form that writes messages needs. */
export interface ComposerHandle {
  readonly text: string
  readonly setText: (text: string) => void
  /** The files of the draft, each with how far its upload is. */
  readonly attachments: readonly DraftAttachment[]
  /** Adds a file to the draft and begins to upload it; returns its id. */
  readonly attach: (file: Blob, name?: string) => string
  readonly removeAttachment: (id: string) => void
  readonly retryAttachment: (id: string) => void
  /** There is something to send: text, or a file. */
  readonly canSubmit: boolean
  /** Something is on its way: its files are uploaded, or the log does not have it yet. The draft is free meanwhile. */
  readonly isSending: boolean
  /** Why the last message could not be sent. Its text and files are the draft again, or in `failed`. */
  readonly error: Error | undefined
  /** Messages that could not be sent while another draft had been begun: `restore` puts one behind the draft. */
  readonly failed: readonly FailedMessage[]
  readonly restore: (id: string) => void
  readonly discard: (id: string) => void
  /** The message that the draft is to replace, from `edit` on until it is submitted or given up. */
  readonly editing: string | undefined
  readonly edit: (message: string) => void
  readonly cancelEdit: () => void
  readonly clear: () => void
  /** The run that is going on in the branch, the latest. */
  readonly run: Run | undefined
  /** An agent works. One that waits for a decision does not. */
  readonly isBusy: boolean
  /** Messages that wait for an agent, or are for its run, in their order. */
  readonly queue: readonly QueueItem[]
  /**
   * Sends the draft: in place of the message that is edited, or at once, or as `whenBusy` says. Resolves with whether the
   * log has it; never rejects: what failed is in `error`.
   */
  readonly submit: (options?: SendOptions) => Promise<boolean>
  /** The same, at once, whoever is busy. */
  readonly send: (options?: SendOptions) => Promise<boolean>
  /** The same, for when the agents are no longer busy. */
  readonly enqueue: (options?: SendOptions) => Promise<boolean>
  /** The same, for the run that is going on; where none is any more, it is a message. */
  readonly steer: (options?: SendOptions) => Promise<boolean>
  /** Cancels the run that is going on. Rejects as `session.cancel` does; nobody has to handle that. */
  readonly stop: () => Promise<void>
}

/**
 * Holds what a participant writes in a branch: text and files, what is being sent, what could not be, and what can be done
 * while an agent is busy. What could not be sent is given back.
 *
 * Throws `invalid-options` where there is no session.
 *
 * @example
 * ```tsx
 * const { text, setText, submit, isBusy, stop } = useComposer()
 * ```
 */
export function useComposer(options: UseComposerOptions = {}): ComposerHandle {
  const { whenBusy = 'enqueue', announceTyping = true, draftStorage, branch: named } = options
  const session = useSessionOf('useComposer', options.session)
  const shown = useContext(BranchContext)
  const branch = named ?? shown.branch
  const key = options.draftKey ?? `streamdb-draft:${session.url}:${session.me.id}`
  const store = useMemo(
    () => new ComposerStore(session, { storage: toDraftStorage(draftStorage), key }),
    [session, draftStorage, key],
  )
  const state = useSyncExternalStore(store.subscribe, store.get, () => onServer)
  const activity = useSelected(session, ['runs', 'queueItems'], () => activityIn(session, branch))
  const { showWritten } = shown
  const { presence } = session
  const typing = useMemo(
    () => new TypingNotice(announceTyping ? presence : undefined),
    [announceTyping, presence],
  )
  useEffect(() => () => typing.stops(), [typing])
  const actions = useMemo(
    () => actionsOf(session, { store, typing, branch, showWritten, whenBusy }),
    [session, store, typing, branch, showWritten, whenBusy],
  )
  const { draft, editing, failed, error, sending } = state
  return {
    ...{ text: draft.text, attachments: draft.attachments, editing, failed, error },
    canSubmit: draft.text.trim() !== '' || draft.attachments.length > 0,
    isSending: sending > 0,
    ...{ run: activity.run, queue: activity.queue, isBusy: activity.run?.status === 'running' },
    attach: store.attach,
    removeAttachment: store.removeAttachment,
    retryAttachment: store.retryAttachment,
    restore: store.restore,
    discard: store.discard,
    edit: store.edit,
    cancelEdit: store.cancelEdit,
    clear: store.clear,
    ...actions,
  }
}

const onServer: ComposerState = {
  draft: emptyDraft,
  editing: undefined,
  sending: 0,
  failed: [],
  error: undefined,
}

interface Activity {
  readonly run: Run | undefined
  readonly queue: readonly QueueItem[]
}

function activityIn(session: AnySession, branch: string): Activity {
  const { runs, queueItems } = session.collections
  const active = inLogOrder(
    session,
    'run',
    [...runs.values()].filter((run) => isActive(run) && branchOf(run) === branch),
  )
  const waiting = [...queueItems.values()].filter(
    (item) => item.outcome === undefined && branchOf(item) === branch,
  )
  return {
    // One that works is more than one that waits.
    run: active.filter(({ status }) => status === 'running').at(-1) ?? active.at(-1),
    queue: inLogOrder(session, 'queueItem', waiting),
  }
}

interface ActionContext {
  readonly store: ComposerStore
  readonly typing: TypingNotice
  readonly branch: string
  readonly showWritten: ShownBranch['showWritten']
  readonly whenBusy: 'send' | 'enqueue' | 'steer'
}

type Actions = Pick<ComposerHandle, 'setText' | 'submit' | 'send' | 'enqueue' | 'steer' | 'stop'>

function actionsOf(
  session: AnySession,
  { store, typing, branch, showWritten, whenBusy }: ActionContext,
): Actions {
  // The first branch has no name in the log.
  const place = branch === mainBranch ? {} : { branch }
  // As it is when something is done, not when the component was rendered.
  const currentRun = (): Run | undefined => activityIn(session, branch).run

  async function write(
    how: 'send' | 'enqueue' | 'steer',
    parts: readonly NewPart[],
    given: SendOptions = {},
  ): Promise<unknown> {
    const options = { ...place, ...given }
    const run = currentRun()
    if (how === 'enqueue') return session.enqueue(parts, options)
    if (how === 'send' || run === undefined) return session.send(parts, options)
    try {
      return await session.steer(parts, { ...options, run })
    } catch (error) {
      // It ended a moment ago.
      if (error instanceof SessionError && error.code === 'run-over') return session.send(parts, options)
      throw error
    }
  }

  function replace(message: string, parts: readonly NewPart[], options?: SendOptions): Promise<unknown> {
    const sending = session.edit(message, parts, options)
    const edited = session.collections.messages.get(sending.id)
    if (edited !== undefined) showWritten(branchOf(edited), sending)
    return sending
  }

  const act =
    (how: 'send' | 'enqueue' | 'steer' | undefined) =>
    (options?: SendOptions): Promise<boolean> => {
      typing.stops()
      return store.send(async (parts, editing) => {
        if (editing !== undefined) return replace(editing, parts, options)
        return write(how ?? (currentRun()?.status === 'running' ? whenBusy : 'send'), parts, options)
      })
    }

  return {
    setText(text) {
      store.setText(text)
      if (text.trim() === '') typing.stops()
      else typing.writes()
    },
    submit: act(undefined),
    send: act('send'),
    enqueue: act('enqueue'),
    steer: act('steer'),
    stop() {
      const run = currentRun()
      return run === undefined ? Promise.resolve() : withoutDuty(session.cancel(run))
    },
  }
}
