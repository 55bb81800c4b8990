import { useEffect, useRef } from 'react'
import type { InspectedDatabase } from './feeds/inspected-database.ts'
import { recordingOf } from './feeds/recorder.ts'
import type { MountedInspector } from './mount.tsx'

/** What `StreamDBInspector` shows, and how. */
export interface StreamDBInspectorProps {
  /** The database, as `createStreamDB` or `useStreamDB` returns it. */
  readonly db: InspectedDatabase
  /** Whether it is open at first, or only its button is there. Default `false`. */
  readonly initialIsOpen?: boolean | undefined
  /** Whether rows may be edited: an edit is written by the database, as an application writes. Default `false`. */
  readonly allowEdits?: boolean | undefined
}

/** Loads the inspector when it is mounted, and shows it in a root of its own. Renders nothing where it stands. */
export function LazyInspector({
  db,
  initialIsOpen = false,
  allowEdits = false,
}: StreamDBInspectorProps): null {
  // Recorded from the first render on: the inspector is loaded later than the first rows.
  recordingOf(db)
  const isOpen = useRef(initialIsOpen)
  useEffect(() => {
    let mounted: MountedInspector | undefined
    let isGone = false
    import('./mount.tsx').then(
      ({ mountInspector }) => {
        if (!isGone) mounted = mountInspector({ db, allowEdits, isOpen: isOpen.current })
      },
      (error: unknown) => {
        // The developer looks for the inspector, and finds why it is not there.
        // oxlint-disable-next-line no-console
        console.warn('[StreamDB] The inspector could not be loaded.', error)
      },
    )
    return () => {
      isGone = true
      mounted?.unmount()
    }
  }, [db, allowEdits])
  return null
}
