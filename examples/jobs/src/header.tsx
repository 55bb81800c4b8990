import { HomeLink, openBeside, WindowIcon } from '@streamdb/example-shared/page'
import { useWorkplace } from './workplace.ts'

/** What this is, the folders on which jobs work, and a link to a second window. */
export function Header() {
  const { roots, home } = useWorkplace().description
  return (
    <header className="header">
      <h1 className="brand">
        <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 3.5h12M2 8h8M2 12.5h4" />
        </svg>
        <span className="brand-name">
          StreamDB <span className="quiet">jobs</span>
        </span>
      </h1>
      <p className="roots" title="Jobs work in these folders only">
        {roots.map((root) => (
          <code key={root}>{root}</code>
        ))}
      </p>
      <nav className="ways" aria-label="Elsewhere">
        <HomeLink home={home} />
        <a className="way" href={location.pathname} target="_blank" rel="opener" onClick={openBeside}>
          <WindowIcon />
          <span className="way-words">A second window</span>
        </a>
      </nav>
    </header>
  )
}
