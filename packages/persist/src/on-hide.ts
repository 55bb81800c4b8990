/** What there is of a page. */
interface Page {
  readonly document?: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>
  readonly addEventListener?: (type: string, run: () => void) => void
  readonly removeEventListener?: (type: string, run: () => void) => void
}

/** Calls `run` whenever the page is hidden, which may be the last that is heard of it; returns what ends that. */
export function onHide(run: () => void): () => void {
  const page = globalThis as Page // what of it there is depends on the runtime
  const { document } = page
  if (document === undefined) return () => undefined
  const onVisibility = (): void => {
    if (document.visibilityState === 'hidden') run()
  }
  document.addEventListener('visibilitychange', onVisibility)
  page.addEventListener?.('pagehide', run)
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    page.removeEventListener?.('pagehide', run)
  }
}
