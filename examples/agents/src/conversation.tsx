import { useReadable } from '@streamdb/react'
import { useMessages, useView } from '@streamdb/session/react'
import { useCallback, useEffect, useState } from 'react'
import { Announcer } from './announcer.tsx'
import { AttemptProvider } from './attempts.ts'
import type { Attempt } from './attempts.ts'
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
  const [refusal, setRefusal] = useState<string>()
  const attempt = useCallback<Attempt>((what, act) => {
    setRefusal(undefined)
    const onRefused = (error: unknown): void =>
      setRefusal(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    // It may throw at once, too.
    void new Promise((resolve) => resolve(act())).catch(onRefused)
  }, [])

  useEffect(() => {
    document.title = `${title} · ${me.name}`
  }, [title, me.name])

  useEffect(() => {
    if (hasUnread) void directory.markRead(id)
  }, [directory, id, hasUnread])

  return (
    <AttemptProvider value={attempt}>
      <section className="pane" aria-label={title}>
        <ConversationHeader title={title} isArchived={entry?.archived === true} />
        <ConnectionBanner />
        <Thread key={branch} view={view} messages={messages} />
        <footer className="foot">
          {refusal !== undefined && (
            <p className="refusal" role="alert">
              {refusal}
            </p>
          )}
          <StatusLine messages={messages} />
          <Composer messages={messages} />
        </footer>
        <Announcer messages={messages} />
      </section>
    </AttemptProvider>
  )
}
