import { useLiveQuery } from '@streamdb/react'
import type { MessageView } from '@streamdb/session'
import { useState } from 'react'
import { useNameOf, useRoom, useWorkplace } from './contexts.ts'
import { isActive, useRuns } from './use-rows.ts'

/** How many are kept; a screen reader reads each as it is added. */
const kept = 3
/** Of a long answer the beginning is read. */
const longest = 300

/**
 * Tells screen readers what is new: others' messages, answers when they are complete, and questions. Nothing is read token
 * by token.
 */
export function Announcer({ messages }: { readonly messages: readonly MessageView[] }) {
  const { session } = useRoom()
  const { me } = useWorkplace()
  const nameOf = useNameOf()
  const runs = useRuns(session)
  const approvals = useLiveQuery(session.collections.approvals).data
  const [known] = useState(
    () => new Set([...messages.map(({ message }) => message.id), ...approvals.map(({ id }) => id)]),
  )

  const said = messages.slice(-kept).flatMap(({ message, parts }) => {
    const run = runs.find(({ id }) => id === message.run)
    if (known.has(message.id) || message.author === me.id || (run !== undefined && isActive(run))) return []
    const text = parts.map((part) => (part.kind === 'text' ? (part.text ?? '') : '')).join(' ')
    return [{ id: message.id, text: `${nameOf(message.author)}: ${plain(text).slice(0, longest)}` }]
  })
  const asked = approvals
    .filter(({ id, status }) => status === 'pending' && !known.has(id))
    .map(({ id, agent, question = '' }) => ({ id, text: `${nameOf(agent)} asks: ${question}` }))

  return (
    <div className="visually-hidden" role="log" aria-label="News">
      {[...said, ...asked].map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  )
}

/** Returns Markdown without its marks, which would be read aloud. */
function plain(text: string): string {
  return text.replaceAll(/[*_`#|>]/g, '').trim()
}
