import { Avatar } from '@streamdb/example-shared/page'
import { useNameOf, useRoom } from './contexts.ts'
import { useDevices } from './presence.ts'

/** The people who have this session open now. */
export function People() {
  const { session } = useRoom()
  const nameOf = useNameOf()
  const devices = useDevices(session)
  const people = [...new Set(devices.filter(({ kind }) => kind === 'person').map((each) => each.participant))]
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
