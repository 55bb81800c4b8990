import { Avatar, number } from '@streamdb/example-shared/page'
import { useLiveQuery } from '@streamdb/react'
import { useHistory } from './history-context.ts'
import type { AuthorView } from './views.ts'

/** A longer list would be slow and hard to use; the search box finds the others. */
const most = 200

interface AuthorFilterProps {
  readonly chosen: string | undefined
  readonly onChoose: (authorId: string | undefined) => void
}

/** The authors, those with most commits first. Choosing one lists only their commits; choosing them again lists all. */
export function AuthorFilter({ chosen, onChoose }: AuthorFilterProps) {
  const { data: authors } = useLiveQuery(useHistory().views.authors)
  const first = authors[0]?.commits ?? 1

  return (
    <aside className="authors" aria-labelledby="authors-title">
      <h2 id="authors-title">
        Authors {authors.length > 0 && <span className="tally">{number(authors.length)}</span>}
      </h2>
      <ul>
        {authors.slice(0, most).map((author) => (
          <li key={author.id}>
            <Author
              author={author}
              share={author.commits / first}
              chosen={author.id === chosen}
              onClick={() => onChoose(author.id === chosen ? undefined : author.id)}
            />
          </li>
        ))}
      </ul>
      {authors.length > most && (
        <p className="more">and {number(authors.length - most)} more: search for them</p>
      )}
    </aside>
  )
}

interface AuthorProps {
  readonly author: AuthorView
  readonly share: number
  readonly chosen: boolean
  readonly onClick: () => void
}

function Author({ author, share, chosen, onClick }: AuthorProps) {
  return (
    <button type="button" className="author" aria-pressed={chosen} onClick={onClick}>
      <Avatar id={author.id} name={author.name} />
      <span className="author-name">{author.name}</span>
      <span className="author-commits" data-unit={author.commits === 1 ? ' commit' : ' commits'}>
        {number(author.commits)}
      </span>
      <span className="bar" style={{ inlineSize: `${share * 100}%` }} />
    </button>
  )
}
