import { usePresence } from '@streamdb/session/react'
import type { YjsDocument } from '@streamdb/session/yjs'
import { useMemo, useSyncExternalStore } from 'react'
import { caretsOf } from './carets.ts'
import type { Caret } from './carets.ts'
import { useWorkplace } from './contexts.ts'

/** What the others do in a text, and the text. */
export interface Writing {
  readonly text: string
  readonly carets: readonly Caret[]
}

/** Returns where others write now. A page that was left may have had no time to say so in the document: who is not here does not. */
export function useCarets(document: YjsDocument): Writing {
  const { agents } = useWorkplace().description
  const { present } = usePresence()
  const store = useMemo(() => writingOf(document), [document])
  const { text, carets } = useSyncExternalStore(store.subscribe, store.get)
  const isHere = ({ id }: Caret): boolean =>
    agents.some((agent) => agent.id === id) || present.some(({ participant }) => participant === id)
  return { text, carets: carets.filter(isHere) }
}

function writingOf({ doc, awareness }: YjsDocument) {
  const text = doc.getText('text')
  const read = (): Writing => ({ text: text.toJSON(), carets: caretsOf(awareness, text) })
  let writing = read()
  return {
    get: () => writing,
    subscribe: (listener: () => void) => {
      const changed = (): void => {
        writing = read()
        listener()
      }
      changed()
      awareness.on('change', changed)
      text.observe(changed)
      return () => {
        awareness.off('change', changed)
        text.unobserve(changed)
      }
    },
  }
}
