import { memo } from 'react'
import type { Filter } from './filter.ts'
import { signed, types } from './labels.ts'
import type { Change } from './state.ts'

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

interface ChangeRowProps {
  readonly change: Change
  readonly tabIndex: 0 | -1
  readonly onFilter: (part: Partial<Filter>) => void
}

/** One change, on one line; in a narrow window on two. */
export const ChangeRow = memo(function ChangeRow({ change, tabIndex, onFilter }: ChangeRowProps) {
  const { at, wiki, type, title, user, bot, minor, delta, comment, url, origin } = change
  return (
    <article className="change">
      <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
      <button
        type="button"
        className="wiki"
        tabIndex={-1}
        title={`Only ${wiki}`}
        onClick={() => onFilter({ wiki })}
      >
        {wiki}
      </button>
      {url === undefined ? (
        <span className="title" tabIndex={tabIndex}>
          {title}
        </span>
      ) : (
        <a className="title" tabIndex={tabIndex} href={url} target="_blank" rel="noreferrer">
          {title}
        </a>
      )}
      <span className={`delta ${(delta ?? 0) < 0 ? 'less' : 'more'}`}>
        {delta === undefined ? '' : signed(delta)}
      </span>
      <span className="user">{user}</span>
      <span className="marks">
        {origin !== 'live' && (
          <span className="mark origin">{origin === 'replay' ? 'replay' : 'made up'}</span>
        )}
        {type !== 'edit' && <span className="mark">{types[type] ?? type}</span>}
        {bot && <span className="mark">bot</span>}
        {minor && <span className="mark">minor</span>}
      </span>
      <span className="comment">{comment}</span>
    </article>
  )
})
