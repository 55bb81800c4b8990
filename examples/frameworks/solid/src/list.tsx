import { useLiveQuery } from '@tanstack/solid-db'
import { createSignal, For, Show } from 'solid-js'
import { describeStatus, openList } from './database.ts'
import { useReadable, useStreamDB } from './stream-db.ts'

export function List() {
  const db = useStreamDB(openList)
  const { items } = db.collections
  const rows = useLiveQuery((q) => q.from({ item: items }).orderBy(({ item }) => item.id))
  const status = useReadable(db.readables.status)
  const pending = useReadable(db.readables.pendingWrites)
  const [text, setText] = createSignal('')
  const [refused, setRefused] = createSignal('')

  async function add(event: SubmitEvent) {
    event.preventDefault()
    const written = db.actions.addItem({ text: text(), from: 'Solid' })
    setText('')
    setRefused('')
    try {
      await written.when('settled')
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error))
    }
  }

  function toggle(id: string) {
    // What is refused is taken back.
    items.update(id, (item) => void (item.isDone = !item.isDone))
  }

  return (
    <>
      <p role="status">{describeStatus(status(), pending().length)}</p>
      <form onSubmit={(event) => void add(event)}>
        <label>
          <span class="visually-hidden">New item</span>
          <input
            value={text()}
            onInput={(event) => setText(event.currentTarget.value)}
            placeholder="What is missing?"
            required
            maxLength={200}
          />
        </label>
        <button class="way">Add</button>
      </form>
      <Show when={refused()}>
        <p class="refused" role="alert">
          {refused()}
        </p>
      </Show>
      <ul class="items">
        <For each={rows()}>
          {(item) => (
            <li>
              <label>
                <input type="checkbox" checked={item.isDone} onChange={() => toggle(item.id)} />
                <span>{item.text}</span>
              </label>
              <small>{item.from}</small>
            </li>
          )}
        </For>
      </ul>
    </>
  )
}
