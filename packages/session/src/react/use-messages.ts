'use client'

import { useSyncExternalStore } from 'react'
import type { MessageView } from '../thread.ts'
import type { SessionView } from '../view.ts'
import { refuse } from './session-context.ts'
import { useOptionalView } from './use-view.ts'
import type { UseViewOptions } from './use-view.ts'

/**
 * Returns the messages of a view with their parts, oldest first; without one, those of the branch that the provider shows.
 * Renders when a message comes, or a part of one starts, ends or changes; never for text that streams, which is
 * `useMessageText(part)`. A message that nothing happened to is the same object: give it to a component in `memo`.
 *
 * On a server, and before anything is read, it is empty; `useStreamStatus()` tells the two apart.
 *
 * Throws `invalid-options` where there is no view and no session.
 *
 * @example
 * ```tsx
 * const messages = useMessages()
 * return messages.map((view) => <Message key={view.message.id} view={view} />)
 * ```
 */
export function useMessages(view: SessionView | UseViewOptions = {}): readonly MessageView[] {
  const isView = 'get' in view
  const own = useOptionalView(isView ? {} : view)
  const { subscribe, get } = isView ? view : (own ?? refuse('useMessages'))
  return useSyncExternalStore(subscribe, get, get)
}
