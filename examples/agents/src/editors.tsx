import { useMemo, useSyncExternalStore } from 'react'
import type { Awareness } from 'y-protocols/awareness'
import { useWorkplace } from './contexts.ts'

/** Somebody else who has the notes open. */
interface Editor {
  readonly id: string
  readonly name: string
  /** The line in which the caret is; absent while it is elsewhere. */
  readonly line: number | undefined
}

/** Says who writes in the notes, and in which line. */
export function Editors({ awareness }: { readonly awareness: Awareness }) {
  const { me } = useWorkplace()
  const store = useMemo(() => editorsOf(awareness, me.id), [awareness, me.id])
  const editors = useSyncExternalStore(store.subscribe, store.get)
  return (
    <ul role="list" className="editors" aria-label="Who writes in the notes">
      {editors.map(({ id, name, line }) => (
        <li key={id}>
          {name} in line {line}
        </li>
      ))}
    </ul>
  )
}

function editorsOf(awareness: Awareness, me: string) {
  let editors: readonly Editor[] = []
  const read = (): readonly Editor[] => {
    const all = [...awareness.getStates().values()].map(toEditor).filter((each) => each !== undefined)
    const writing = all.filter(({ id, line }, index) => {
      return id !== me && line !== undefined && all.findIndex((other) => other.id === id) === index
    })
    if (JSON.stringify(writing) !== JSON.stringify(editors)) editors = writing
    return editors
  }
  return {
    get: read,
    subscribe: (listener: () => void) => {
      awareness.on('change', listener)
      return () => awareness.off('change', listener)
    },
  }
}

/** Others say of themselves what they like: it is read as far as it is what this page says. */
function toEditor(state: unknown): Editor | undefined {
  const user: unknown = Reflect.get(Object(state), 'user')
  const id: unknown = Reflect.get(Object(user), 'id')
  const name: unknown = Reflect.get(Object(user), 'name')
  const line: unknown = Reflect.get(Object(state), 'line')
  if (typeof id !== 'string' || typeof name !== 'string') return undefined
  return { id, name, line: typeof line === 'number' ? line : undefined }
}
