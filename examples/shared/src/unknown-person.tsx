import { PageNotice } from './notice.tsx'

interface UnknownPersonProps {
  readonly id: string
  readonly people: readonly { readonly id: string; readonly name: string }[]
}

/** Says that the address names a person whom the server does not know, and offers those whom it knows. */
export function UnknownPerson({ id, people }: UnknownPersonProps) {
  return (
    <PageNotice
      title={`Nobody here is called “${id}”`}
      text="The address says whose window this is. Be one of these:"
    >
      <ul role="list" className="choices">
        {people.map((person) => (
          <li key={person.id}>
            <a className="way" href={`?as=${encodeURIComponent(person.id)}${location.hash}`}>
              {person.name}
            </a>
          </li>
        ))}
      </ul>
    </PageNotice>
  )
}
