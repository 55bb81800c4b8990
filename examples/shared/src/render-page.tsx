import { StrictMode } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

/** Renders a page into its element `#root`. */
export function renderPage(page: ReactNode): void {
  const root = document.getElementById('root')
  if (root === null) throw new Error('The page has no element with the id "root"')
  createRoot(root).render(<StrictMode>{page}</StrictMode>)
}
