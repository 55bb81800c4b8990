import { StrictMode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { Page } from './page.tsx'
import type { PageProps } from './page.tsx'

const props = JSON.parse(document.querySelector('#props')?.textContent ?? '') as PageProps // as the server wrote it
const root = document.querySelector('#root')
if (root !== null) {
  hydrateRoot(
    root,
    <StrictMode>
      <Page {...props} />
    </StrictMode>,
    { onRecoverableError: (error) => console.error(error) },
  )
}
