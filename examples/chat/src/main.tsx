import { Opening, renderPage, UnknownPerson } from '@streamdb/example-shared/page'
import { App } from './app.tsx'
import { ChatProvider } from './chat-context.ts'
import { openChat } from './chat.ts'
import type { OpenedChat } from './chat.ts'

/** StrictMode mounts everything twice; the chat opens once, since every room is a connection. */
let opening: Promise<OpenedChat> | undefined

async function openOnce(): Promise<OpenedChat> {
  opening ??= openChat(location).catch((error: unknown) => {
    opening = undefined
    throw error
  })
  return opening
}

renderPage(
  <Opening title="Opening the chat…" open={openOnce}>
    {(opened) =>
      opened.name === 'chat' ? (
        <ChatProvider value={opened.chat}>
          <App />
        </ChatProvider>
      ) : (
        <UnknownPerson id={opened.id} people={opened.people} />
      )
    }
  </Opening>,
)
