import { Avatar } from '@streamdb/example-shared/page'
import { usePresence } from '@streamdb/session/react'
import { useNameOf } from './contexts.ts'

/** The people who have this session open now. */
export function People() {
  const nameOf = useNameOf()
  const { present } = usePresence()
  const people = [...new Set(present.filter(({ kind }) => kind === 'person').map((each) => each.participant))]
  return (
    <ul role="list" className="people" aria-label="Here now">
      {people.sort().map((id) => (
        <li key={id} title={`${nameOf(id)} is here`}>
          <Avatar id={id} name={nameOf(id)} />
          <span className="visually-hidden">{nameOf(id)}</span>
        </li>
      ))}
    </ul>
  )
}
