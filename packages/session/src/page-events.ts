/** Calls `onHide` when the page is left, and `onShow` when it comes back from the browser's cache; returns what ends that. */
export function onPageChange(onHide: () => void, onShow: () => void): () => void {
  const page = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> // absent outside of pages
  page.addEventListener?.('pagehide', onHide)
  page.addEventListener?.('pageshow', onShow)
  return () => {
    page.removeEventListener?.('pagehide', onHide)
    page.removeEventListener?.('pageshow', onShow)
  }
}
