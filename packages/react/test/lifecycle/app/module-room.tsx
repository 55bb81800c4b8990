import type { ReactElement } from 'react'
import { db } from './database.ts'
import { Lines } from './lines.tsx'

/** A room whose database lives in a module. */
export function ModuleRoom(): ReactElement {
  return (
    <main>
      <Lines db={db} />
    </main>
  )
}
