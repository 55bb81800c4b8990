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
import { GoToProvider } from './go-to.ts'
import type { Target } from './go-to.ts'
import { SearchBar, useSearchKey } from './search-bar.tsx'
import { StatusLine } from './status-line.tsx'
import { Thread } from './thread.tsx'
import { Unsent } from './unsent.tsx'

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
  const [isSearching, setIsSearching] = useState(false)
  const [target, setTarget] = useState<Target>()
  const attempt = useCallback<Attempt>((what, act) => {
    setRefusal(undefined)
    const onRefused = (error: unknown): void =>
      setRefusal(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    // It may throw at once, too.
    void new Promise((resolve) => resolve(act())).catch(onRefused)
  }, [])

  function goTo(message: string): void {
    attempt('The message was not found', async () => {
      if (!(await view.loadUntil(message))) throw new Error('it is in another version of the conversation')
      setTarget({ name: 'message', message })
    })
  }

  const onReached = useCallback(() => setTarget(undefined), [])
  useSearchKey(() => setIsSearching(true))

  useEffect(() => {
    document.title = `${title} · ${me.name}`
  }, [title, me.name])

  useEffect(() => {
    if (hasUnread) void directory.markRead(id)
  }, [directory, id, hasUnread])

  return (
    <AttemptProvider value={attempt}>
      <GoToProvider value={setTarget}>
        <section className="pane" aria-label={title}>
          <ConversationHeader
            title={title}
            isArchived={entry?.archived === true}
            onSearch={() => setIsSearching(true)}
          />
          <ConnectionBanner />
          {isSearching && <SearchBar messages={messages} onGo={goTo} onEnd={() => setIsSearching(false)} />}
          <Thread key={branch} view={view} messages={messages} target={target} onReached={onReached} />
          <footer className="foot">
            {refusal !== undefined && (
              <p className="refusal" role="alert">
                {refusal}
              </p>
            )}
            <Unsent />
            <StatusLine messages={messages} />
            <Composer messages={messages} />
          </footer>
          <Announcer messages={messages} />
        </section>
      </GoToProvider>
    </AttemptProvider>
  )
}
