import { useReadable } from '@streamdb/react'
import { useMessages, useView } from '@streamdb/session/react'
import { useEffect } from 'react'
import { Announcer } from './announcer.tsx'
import { Composer } from './composer.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { useRoom, useWorkplace } from './contexts.ts'
import { ConversationHeader } from './conversation-header.tsx'
import { StatusLine } from './status-line.tsx'
import { Thread } from './thread.tsx'

/** How many messages are shown at first; earlier ones are loaded when they are asked for. */
const limit = 60

/** The session that is open: what was said, who works, and the place to write. */
export function Conversation() {
  const { branch, id } = useRoom()
  const { me, directory } = useWorkplace()
  const view = useView({ limit })
  const messages = useMessages(view)
  const entry = useReadable(directory).find((each) => each.id === id)
  const title = entry?.title ?? 'Session'
  const hasUnread = (entry?.unread ?? 0) > 0

  useEffect(() => {
    document.title = `${title} · ${me.name}`
  }, [title, me.name])

  useEffect(() => {
    if (hasUnread) void directory.markRead(id)
  }, [directory, id, hasUnread])

  return (
    <section className="pane" aria-label={title}>
      <ConversationHeader title={title} isArchived={entry?.archived === true} />
      <ConnectionBanner />
      <Thread key={branch} view={view} messages={messages} />
      <footer className="foot">
        <StatusLine messages={messages} />
        <Composer messages={messages} />
      </footer>
      <Announcer messages={messages} />
    </section>
  )
}
