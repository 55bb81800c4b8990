import { Avatar } from '@streamdb/example-shared/page'
import type { ReaderView } from './views.ts'
import { names } from './words.ts'

/** So many faces are shown; the title has all names. */
const most = 5

/** Those who have read as far as this message. */
export function Seen({ readers }: { readonly readers: readonly ReaderView[] }) {
  return (
    <p className="seen" title={`Read by ${names(readers)}`}>
      <span className="visually-hidden">Read by {names(readers)}</span>
      {readers.slice(0, most).map(({ id, name }) => (
        <Avatar key={id} id={id} name={name} />
      ))}
      {readers.length > most && <span aria-hidden="true">+{readers.length - most}</span>}
    </p>
  )
}
