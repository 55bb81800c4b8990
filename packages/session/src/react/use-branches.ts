'use client'

import { useContext, useMemo } from 'react'
import { branchOf, mainBranch } from '../branches.ts'
import type { SendOptions } from '../composer.ts'
import type { Content } from '../new-parts.ts'
import type { Branch, Message } from '../rows.ts'
import type { Named } from '../session.ts'
import type { Sending } from '../writing.ts'
import { BranchContext, useSessionOf } from './session-context.ts'
import type { SessionSource } from './session-context.ts'
import { useSelected } from './use-selected.ts'

/** What stands at the place of a message, and which branch is shown. */
export interface BranchesState {
  /** The branch that the provider shows. */
  readonly branch: string
  /** The branches that have something at this place, the first one first. Fewer than two: there is nothing to choose. */
  readonly alternatives: readonly string[]
  /** Which of them the message is, or the branch that is shown, from 0; -1 where it is none of them. */
  readonly index: number
  /** Shows a branch: every `useMessages()` and `useComposer()` below the provider follows. */
  readonly select: (branch: string) => void
  /** Shows the alternative before this one, or after it; at an end it does nothing. */
  readonly previous: () => void
  readonly next: () => void
  /**
   * Writes something else in place of the message, and shows that branch; where it is refused, the one before again. Throws as
   * `session.edit` does.
   */
  readonly edit: (content: Content, options?: SendOptions) => Sending<Message>
  /** Asks for another answer in place of the message, and shows that branch as `edit` does. Throws as `session.regenerate` does. */
  readonly regenerate: () => Sending<Branch>
}

/**
 * Gives the alternatives of a message and switches between them; without a message, those at the place where the branch that
 * is shown began: there is perhaps no message yet. The provider holds which branch is shown, or the application, by the props
 * `branch` and `onBranchChange`.
 *
 * Throws `invalid-options` where there is no session.
 *
 * @example
 * ```tsx
 * const { alternatives, index, previous, next, regenerate } = useBranches(view.message)
 * ```
 */
export function useBranches(message?: Named<Message>, { session: own }: SessionSource = {}): BranchesState {
  const session = useSessionOf('useBranches', own)
  const { branch, select, showWritten } = useContext(BranchContext)
  const id = typeof message === 'object' ? message.id : message
  const alternatives = useSelected(session, ['messages', 'branches'], () => {
    const place = id ?? session.collections.branches.get(branch)?.from
    return place === undefined ? none : session.alternatives(place, { nested: true })
  })
  return useMemo(() => {
    const row = id === undefined ? undefined : session.collections.messages.get(id)
    const index = alternatives.indexOf(row === undefined ? branch : branchOf(row))
    const show = (place: number): void => {
      const alternative = alternatives[place]
      if (index !== -1 && alternative !== undefined) select(alternative)
    }
    return {
      ...{ branch, alternatives, index, select },
      previous: () => show(index - 1),
      next: () => show(index + 1),
      edit(content, options) {
        const sending = session.edit(id ?? '', content, options)
        showWritten(session.collections.messages.get(sending.id)?.branch ?? mainBranch, sending)
        return sending
      },
      regenerate() {
        const sending = session.regenerate(id ?? '')
        showWritten(sending.id, sending)
        return sending
      },
    }
  }, [session, id, branch, select, showWritten, alternatives])
}

const none: readonly string[] = []
