import { StreamDBInspector } from '@streamdb/devtools'
import { Notice } from '@streamdb/example-shared/page'
import { useStreamStatus } from '@streamdb/react'
import { mainBranch } from '@streamdb/session'
import { SessionProvider, useSession } from '@streamdb/session/react'
import { yjsDocuments } from '@streamdb/session/yjs'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { SessionIdProvider, useRoom, useWorkplace } from './contexts.ts'
import { Conversation } from './conversation.tsx'
import { Notes } from './notes.tsx'
import { addressOf } from './use-route.ts'
import { streamOf } from './workplace.ts'

interface RoomPaneProps {
  readonly id: string
  readonly branch: string | undefined
}

/** Opens a session for as long as it is shown: the conversation, and the notes beside it. */
export function RoomPane({ id, branch = mainBranch }: RoomPaneProps) {
  const { me, network, streamOptions, directory, keeping } = useWorkplace()
  const session = useSession({
    url: streamOf(id),
    me,
    streamOptions,
    documents: yjsDocuments({ url: network.documents }),
    db: keeping,
  })

  useEffect(() => {
    if (!directory.db.collections.sessions.has(id)) return
    return directory.follow(id, session)
  }, [directory, id, session])

  return (
    <SessionProvider
      session={session}
      branch={branch}
      onBranchChange={(next) => {
        location.hash = next === mainBranch ? addressOf(id) : addressOf(id, next)
      }}
    >
      <SessionIdProvider value={id}>
        <Loaded>
          <Conversation />
          <Notes />
          <StreamDBInspector db={session.db} />
        </Loaded>
      </SessionIdProvider>
    </SessionProvider>
  )
}

/** Shows its children when the session is loaded. */
function Loaded({ children }: { readonly children: ReactNode }) {
  const { session } = useRoom()
  const status = useStreamStatus()
  const [isLoaded, setIsLoaded] = useState(false)

  useEffect(() => {
    let isCurrent = true
    session.preload().then(
      () => isCurrent && setIsLoaded(true),
      () => {}, // The status says so.
    )
    return () => {
      isCurrent = false
    }
  }, [session])

  if (isLoaded) return children
  if (status.name !== 'failed') return <section className="pane" aria-busy="true" />
  return (
    <section className="pane">
      <Notice title="The session cannot be opened" text={status.error.message} />
    </section>
  )
}
