import { useId, useState } from 'react'
import type { RowEdit } from '../feeds/source.ts'
import { useInspector } from './inspector-context.ts'

interface RowEditorProps {
  readonly type: string
  /** The row's key. */
  readonly name: string
  readonly value: unknown
  readonly onDone: () => void
}

/** Writes a row as an event, or deletes it. */
export function RowEditor({ type, name, value, onDone }: RowEditorProps) {
  const { source, say } = useInspector()
  const [text, setText] = useState(() => JSON.stringify(value ?? {}, undefined, 2))
  const [problem, setProblem] = useState<string>()
  const id = useId()

  async function write(edit: Pick<RowEdit, 'operation' | 'value'>): Promise<void> {
    try {
      await source.edit?.({ type, key: name, ...edit })
      say(edit.operation === 'delete' ? `Deleted ${type} ${name}.` : `Wrote ${type} ${name}.`)
      onDone()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }

  function save(): void {
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch (error) {
      setProblem(`This is no JSON: ${String(error)}`)
      return
    }
    void write({ operation: value === undefined ? 'insert' : 'update', value: parsed })
  }

  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <label htmlFor={id}>The whole row, as JSON. It is appended as an event.</label>
      <textarea
        id={id}
        rows={10}
        spellCheck={false}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save()
        }}
      />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="actions">
        <button type="submit" className="button primary">
          Write
        </button>
        {value !== undefined && (
          <button type="button" className="button danger" onClick={() => void write({ operation: 'delete' })}>
            Delete the row
          </button>
        )}
        <button type="button" className="button" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  )
}
