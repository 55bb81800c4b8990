import { HomeLink, number, openBeside, WindowIcon } from '@streamdb/example-shared/page'
import { useSource } from './use-source.ts'
import { useDescription } from './workplace.ts'

/** What is shown, from where, and how many changes a second come. */
export function Header({ perSecond }: { readonly perSecond: readonly number[] }) {
  const source = useSource()
  const { home } = useDescription()
  // Five seconds that are over: a change takes a moment until it is here.
  const rate = perSecond.slice(-7, -2).reduce((sum, count) => sum + count, 0) / 5
  const most = Math.max(1, ...perSecond)
  return (
    <header className="header">
      <h1 className="brand">
        <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
          <path d="m1.5 12 3.5-6 3 4 2.5-7 4 9" />
        </svg>
        <span className="brand-name">
          Wikipedia <span className="quiet">now</span>
        </span>
      </h1>
      {source !== undefined && source.origin !== 'live' && (
        <span className="badge">
          {source.origin === 'replay' ? `Replay of ${source.label}` : 'Made-up changes'}
        </span>
      )}
      <p className="rate">
        <b>{rate < 10 ? rate.toFixed(1) : number(Math.round(rate))}</b> <span>a second</span>
      </p>
      <svg
        className="sparkline"
        role="img"
        aria-label={`Changes a second in the last minute, at most ${number(most)}`}
        viewBox={`0 0 ${perSecond.length * 2} 24`}
        preserveAspectRatio="none"
      >
        {perSecond.map((count, index) => {
          const height = Math.max(1, (count / most) * 24)
          // The seconds have no other name than their place.
          return <rect key={index} x={index * 2} y={24 - height} width="1.5" height={height} />
        })}
      </svg>
      <nav className="ways" aria-label="Elsewhere">
        <HomeLink home={home} />
        <a className="way" href={location.href} target="_blank" rel="opener" onClick={openBeside}>
          <WindowIcon />
          <span className="way-words">A second window</span>
        </a>
      </nav>
    </header>
  )
}
