import { randomId } from '@streamdb/log'
import type { StoredWrite } from '@streamdb/log'

/**
 * Keeps the writes that a page could not store before it was left: the transactions of IndexedDB that are under way end
 * with their page, and `localStorage` takes a value at once.
 *
 * Only what was not sent goes there, and only when the page goes. Whoever finds it looks into the log before it is sent.
 */
export interface PageJournal {
  /** Calls `unsaved` when the page goes, and keeps what it returns; takes it back where the page comes again. */
  watch(unsaved: () => readonly StoredWrite[], signal: AbortSignal): void
  /** Calls `run` when another page has kept something. */
  onKept(run: () => void, signal: AbortSignal): void
  /** Returns what pages that are gone have kept, and what forgets it. */
  take(): { readonly writes: readonly StoredWrite[]; readonly forget: () => void }
}

/** What there is of a page. */
interface Page {
  readonly document?: object
  readonly localStorage?: Storage
  readonly addEventListener?: (
    type: string,
    run: (event: { readonly key?: string | null }) => void,
    options: { readonly signal: AbortSignal },
  ) => void
}

/** Returns the journal of a stream's outbox; nothing outside of pages, or where `localStorage` is refused. */
export function createPageJournal(name: string): PageJournal | undefined {
  const page = globalThis as Page // what of it there is depends on the runtime
  // Node has a `localStorage` that warns when it is looked at.
  if (page.document === undefined || page.addEventListener === undefined) return undefined
  const storage = localStorageOf(page)
  if (storage === undefined) return undefined
  const prefix = `streamdb unsaved ${name} `
  const own = prefix + randomId()
  return {
    watch(unsaved, signal) {
      page.addEventListener?.('pagehide', () => save(storage, own, unsaved()), { signal })
      // It was in the back-forward cache, and stores what it has by itself.
      page.addEventListener?.('pageshow', () => storage.removeItem(own), { signal })
    },
    onKept(run, signal) {
      page.addEventListener?.('storage', ({ key }) => key?.startsWith(prefix) === true && run(), { signal })
    },
    take() {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter(
        (key) => key.startsWith(prefix),
      )
      const writes = keys.flatMap((key) => parse(storage.getItem(key)))
      return { writes, forget: () => keys.forEach((key) => storage.removeItem(key)) }
    },
  }
}

function localStorageOf(page: Page): Storage | undefined {
  try {
    return page.localStorage
  } catch {
    // Refused by the browser's settings.
    return undefined
  }
}

function save(storage: Storage, key: string, writes: readonly StoredWrite[]): void {
  if (writes.length === 0) return
  try {
    storage.setItem(key, JSON.stringify(writes))
  } catch {
    // No room: IndexedDB may still take it.
  }
}

function parse(text: string | null): readonly StoredWrite[] {
  if (text === null) return []
  try {
    // The key is ours.
    return JSON.parse(text) as readonly StoredWrite[]
  } catch {
    return []
  }
}
