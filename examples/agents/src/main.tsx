import { once, Opening, renderPage, UnknownPerson } from '@streamdb/example-shared/page'
import { App } from './app.tsx'
import { WorkplaceProvider } from './contexts.ts'
import { openWorkplace } from './workplace.ts'

const openOnce = once(async () => openWorkplace(location))

// Not everywhere: it needs HTTPS, or this machine. Without it the page opens with a network alone.
navigator.serviceWorker?.register('/offline-page.js').catch(() => undefined)

renderPage(
  <Opening title="Opening the sessions…" open={openOnce}>
    {(opened) =>
      opened.name === 'workplace' ? (
        <WorkplaceProvider value={opened.workplace}>
          <App />
        </WorkplaceProvider>
      ) : (
        <UnknownPerson id={opened.id} people={opened.people} />
      )
    }
  </Opening>,
)
