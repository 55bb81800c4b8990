import { Avatar, fullDate } from '@streamdb/example-shared/page'
import type { MessageView, Run } from '@streamdb/session'
import { useRun } from '@streamdb/session/react'
import { memo, useState } from 'react'
import { AgentAvatar } from './agent-avatar.tsx'
import { useNameOf } from './contexts.ts'
import { EditBox } from './edit-box.tsx'
import { MessageActions } from './message-actions.tsx'
import { PartList } from './part-list.tsx'
import { RunEnd } from './run-end.tsx'
import { Sending } from './sending.tsx'
import { Versions } from './versions.tsx'

const time = new Intl.DateTimeFormat('en', { timeStyle: 'short' })

/** A message with its parts, and what can be done with it. Nothing happens to it when another one streams. */
export const MessageRow = memo(function MessageRow({ view }: { readonly view: MessageView }) {
  const { message, parts, isPending } = view
  const nameOf = useNameOf()
  const { run } = useRun(message.run)
  const [isEditing, setIsEditing] = useState(false)
  const name = nameOf(message.author)
  const isAgents = message.role === 'assistant'
  const about = { name, isAgents, run }

  return (
    <article className={classOf(about, isPending)} aria-label={labelOf(about)} tabIndex={0}>
      {isAgents ? (
        <AgentAvatar id={message.author} name={name} />
      ) : (
        <Avatar id={message.author} name={name} />
      )}
      <header className="about">
        <span className="author">{name}</span>
        {message.createdAt !== undefined && (
          <time dateTime={message.createdAt} title={fullDate(message.createdAt)}>
            {time.format(new Date(message.createdAt))}
          </time>
        )}
        {run !== undefined && run.attempt > 1 && (
          <span className="tag">taken over, attempt {run.attempt}</span>
        )}
        <Versions message={message} />
      </header>
      <div className="content">
        {isEditing ? (
          <EditBox view={view} onEnd={() => setIsEditing(false)} />
        ) : (
          <PartList message={message} parts={parts} run={run} />
        )}
        {run !== undefined && <RunEnd run={run} />}
        {isPending && <Sending />}
      </div>
      {!isEditing && <MessageActions message={message} run={run} onEdit={() => setIsEditing(true)} />}
    </article>
  )
})

interface About {
  readonly name: string
  readonly isAgents: boolean
  readonly run: Run | undefined
}

function labelOf({ name, run }: About): string {
  return run?.status === 'running' ? `${name} is answering` : `${name} said`
}

function classOf({ isAgents }: About, isPending: boolean): string {
  return `message ${isAgents ? 'of-agent' : 'of-person'}${isPending ? ' pending' : ''}`
}
