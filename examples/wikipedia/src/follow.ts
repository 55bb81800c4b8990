import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { describe } from './description.ts'

/**
 * Waits until another stream follows that of `db`: `onOpened` is given its database when its rows are there, so that nothing is
 * missing in between. Returns what ends that.
 */
export function followStreams(db: Database, onOpened: (next: Database) => void): () => void {
  const ending = new AbortController()
  let isMoving = false

  async function move(path: string): Promise<void> {
    const url = new URL(path, location.href).href
    if (isMoving || url === db.stream.url) return
    isMoving = true
    const next = openDatabase(url)
    try {
      await next.preload()
      if (ending.signal.aborted) return next.close()
      onOpened(next)
    } catch {
      // It is gone as well by now: the server knows the newest one.
      next.close()
      isMoving = false
      ask()
    }
  }

  function ask(): void {
    describe().then(
      ({ stream }) => void move(stream),
      () => {}, // The status shows what is wrong.
    )
  }

  const rows = db.collections.sources.subscribeChanges(
    (changes) => {
      for (const { value } of changes) if (value.next !== undefined) void move(value.next)
    },
    { includeInitialState: true },
  )
  // A page that slept for long finds that its stream is gone.
  function follow(): void {
    const { status } = db
    if (status.name === 'failed' && status.error.code === 'stream-not-found') ask()
  }
  const unsubscribe = db.subscribeStatus(follow)
  follow()
  return () => {
    ending.abort()
    rows.unsubscribe()
    unsubscribe()
  }
}
