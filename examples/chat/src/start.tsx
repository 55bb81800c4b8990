import { Notice } from '@streamdb/example-shared/page'
import { useEffect, useState } from 'react'
import { App } from './app.tsx'
import { ChatProvider } from './chat-context.ts'
import { openChat } from './chat.ts'
import type { Chat } from './chat.ts'

type State =
  | { readonly name: 'asking' }
  | { readonly name: 'failed'; readonly error: unknown }
  | { readonly name: 'open'; readonly chat: Chat }

/** Opens the chat, once: StrictMode asks twice, and every room is a connection. */
let opening: Promise<Chat> | undefined

/** Asks the server what it has, and shows it. */
export function Start() {
  const [state, setState] = useState<State>({ name: 'asking' })
  const asking = state.name === 'asking'

  useEffect(() => {
    if (!asking) return
    let left = false
    opening ??= openChat(location)
    opening.then(
      (chat) => left || setState({ name: 'open', chat }),
      (error: unknown) => left || setState({ name: 'failed', error }),
    )
    return () => {
      left = true
    }
  }, [asking])

  switch (state.name) {
    case 'asking':
      return <Notice title="Opening the chat…" busy />
    case 'failed':
      return (
        <Notice
          title="The server does not answer"
          text={state.error instanceof Error ? state.error.message : String(state.error)}
        >
          <button
            type="button"
            onClick={() => {
              opening = undefined
              setState({ name: 'asking' })
            }}
          >
            Try again
          </button>
        </Notice>
      )
    case 'open':
      return (
        <ChatProvider value={state.chat}>
          <App />
        </ChatProvider>
      )
  }
}
