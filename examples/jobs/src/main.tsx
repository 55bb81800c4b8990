import { Opening, renderPage } from '@streamdb/example-shared/page'
import { StreamDBProvider } from '@streamdb/react'
import { App } from './app.tsx'
import { openWorkplace, WorkplaceProvider } from './workplace.ts'
import type { Workplace } from './workplace.ts'

/** StrictMode mounts everything twice; the stream is opened once. */
let opening: Promise<Workplace> | undefined

async function openOnce(): Promise<Workplace> {
  opening ??= openWorkplace().catch((error: unknown) => {
    opening = undefined
    throw error
  })
  return opening
}

renderPage(
  <Opening title="Opening the jobs…" open={openOnce}>
    {(workplace) => (
      <StreamDBProvider db={workplace.db}>
        <WorkplaceProvider value={workplace}>
          <App />
        </WorkplaceProvider>
      </StreamDBProvider>
    )}
  </Opening>,
)
