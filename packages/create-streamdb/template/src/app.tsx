import { useAction, useLiveQuery, useStreamDB, useStreamStatus } from '@streamdb/react'
import { databaseAt } from './database.ts'

export function App({ url }: { readonly url: string }) {
  const db = useStreamDB(databaseAt(url))
  const { todos } = db.collections
  const status = useStreamStatus(db)
  const { data } = useLiveQuery({
    query: (q) => q.from({ todo: todos }).orderBy(({ todo }) => todo.addedAt),
  })
  const { run: addTodo, error } = useAction(db.actions.addTodo)

  function add(form: FormData) {
    const text = form.get('text')
    if (typeof text === 'string' && text.trim() !== '') addTodo(text.trim())
  }

  return (
    <main>
      <h1>To do</h1>
      <form action={add}>
        <input
          name="text"
          aria-label="What is to be done"
          placeholder="What is to be done?"
          autoComplete="off"
        />
        <button>Add</button>
      </form>
      {error && <p role="alert">Not saved: {error.message}</p>}
      <ul>
        {data.map(({ id, text, done }) => (
          <li key={id}>
            <label>
              <input
                type="checkbox"
                checked={done}
                onChange={() => todos.update(id, (row) => void (row.done = !done))}
              />
              {text}
            </label>
          </li>
        ))}
      </ul>
      <footer role="status">{status.name === 'live' ? 'Live: open this page twice.' : status.name}</footer>
    </main>
  )
}
