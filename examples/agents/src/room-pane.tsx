import { Notice } from '@streamdb/example-shared/page'
import { mainBranch } from '@streamdb/session'
import type { Session } from '@streamdb/session'
import { useEffect, useMemo, useState } from 'react'
import { RoomProvider, useWorkplace } from './contexts.ts'
import { Conversation } from './conversation.tsx'
import { enterSession } from './room.ts'
import type { Room } from './room.ts'
import { addressOf } from './use-route.ts'

interface RoomPaneProps {
  readonly id: string
  readonly branch: string | undefined
}

type Opening =
  | { readonly name: 'opening' }
  | { readonly name: 'open'; readonly session: Session }
  | { readonly name: 'failed'; readonly error: unknown }

/** Opens a session, and shows it. */
export function RoomPane({ id, branch = mainBranch }: RoomPaneProps) {
  const workplace = useWorkplace()
  const [opening, setOpening] = useState<Opening>({ name: 'opening' })

  useEffect(() => {
    let isCurrent = true
    const { session, leave } = enterSession(workplace, id)
    session.preload().then(
      () => isCurrent && setOpening({ name: 'open', session }),
      (error: unknown) => isCurrent && setOpening({ name: 'failed', error }),
    )
    return () => {
      isCurrent = false
      leave()
    }
  }, [workplace, id])

  const session = opening.name === 'open' ? opening.session : undefined
  const room = useMemo(
    (): Room | undefined =>
      session && {
        id,
        session,
        branch,
        setBranch: (next) => {
          location.hash = next === mainBranch ? addressOf(id) : addressOf(id, next)
        },
      },
    [id, session, branch],
  )

  if (opening.name === 'failed') {
    const text = opening.error instanceof Error ? opening.error.message : String(opening.error)
    return (
      <main className="pane">
        <Notice title="The session cannot be opened" text={text} />
      </main>
    )
  }
  if (room === undefined) return <main className="pane" aria-busy="true" />
  return (
    <RoomProvider value={room}>
      <Conversation />
    </RoomProvider>
  )
}
