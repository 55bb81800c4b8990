import { Opening, renderPage } from '@streamdb/example-shared/page'
import { StreamDBProvider } from '@streamdb/react'
import { useEffect, useState } from 'react'
import { App } from './app.tsx'
import { followStreams } from './follow.ts'
import { DescriptionProvider, openWorkplace } from './workplace.ts'
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

function Page({ workplace: { description, first } }: { readonly workplace: Workplace }) {
  const [db, setDb] = useState(first)
  useEffect(() => followStreams(db, setDb), [db])
  return (
    <StreamDBProvider db={db}>
      <DescriptionProvider value={description}>
        <App />
      </DescriptionProvider>
    </StreamDBProvider>
  )
}

renderPage(
  <Opening title="Opening the changes…" open={openOnce}>
    {(workplace) => <Page workplace={workplace} />}
  </Opening>,
)
