import { Opening, renderPage, UnknownPerson } from '@streamdb/example-shared/page'
import { App } from './app.tsx'
import { WorkplaceProvider } from './contexts.ts'
import { openWorkplace } from './workplace.ts'
import type { OpenedWorkplace } from './workplace.ts'

/** StrictMode mounts everything twice; the streams are opened once. */
let opening: Promise<OpenedWorkplace> | undefined

async function openOnce(): Promise<OpenedWorkplace> {
  opening ??= openWorkplace(location).catch((error: unknown) => {
    opening = undefined
    throw error
  })
  return opening
}

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
