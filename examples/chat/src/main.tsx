import { once, Opening, renderPage, UnknownPerson } from '@streamdb/example-shared/page'
import { App } from './app.tsx'
import { ChatProvider } from './chat-context.ts'
import { openChat } from './chat.ts'

const openOnce = once(async () => openChat(location))

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
