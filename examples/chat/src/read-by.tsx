import { Avatar } from '@streamdb/example-shared/page'
import { names } from './format.ts'
import type { ReaderView } from './views.ts'

/** How many faces are shown; the title has all names. */
const shown = 5

/** Those whose last read message this is. */
export function ReadBy({ readers }: { readonly readers: readonly ReaderView[] }) {
  return (
    <p className="seen" title={`Read by ${names(readers)}`}>
      <span className="visually-hidden">Read by {names(readers)}</span>
      {readers.slice(0, shown).map(({ id, name }) => (
        <Avatar key={id} id={id} name={name} />
      ))}
      {readers.length > shown && <span aria-hidden="true">+{readers.length - shown}</span>}
    </p>
  )
}
