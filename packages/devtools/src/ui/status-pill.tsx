import { useInspector } from './inspector-context.ts'
import { useChanges } from './use-changes.ts'

/** The connection's state, in a word. */
export function StatusPill() {
  const { source } = useInspector()
  const { connection } = source.model
  useChanges(connection.subscribe)
  const current = connection.entries().at(-1)
  const name = current?.name ?? 'idle'
  return (
    <span className="status" title={current?.error?.message ?? current?.detail}>
      <span className={`dot dot-${name}`} aria-hidden="true" />
      <span className="status-name">{name}</span>
    </span>
  )
}
