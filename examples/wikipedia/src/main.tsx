import { Opening, renderPage } from '@streamdb/example-shared/page'
import { StreamDBProvider } from '@streamdb/react'
import { useEffect, useRef, useState } from 'react'
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
  const shown = useRef(first)
  useEffect(() => followStreams(db, setDb), [db])
  useEffect(() => {
    // Not before: what is drawn still reads it.
    if (shown.current !== db) shown.current.close()
    shown.current = db
  }, [db])
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
