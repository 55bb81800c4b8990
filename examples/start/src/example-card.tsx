import type { Example } from './state.ts'

const labels = { off: 'Not running', starting: 'Starting', open: 'Running', failed: 'Failed' } as const
const tones = { off: 'off', starting: 'busy', open: 'good', failed: 'bad' } as const

/** An example: its link starts it where it does not run, and leads to its page. */
export function ExampleCard({ example }: { readonly example: Example }) {
  const { id, title, about, shows, state, url, error } = example
  return (
    <li className="card">
      <h2>
        <a href={`/open/${id}`} aria-describedby={`about-${id}`}>
          {title}
        </a>
      </h2>
      <p id={`about-${id}`}>{about}</p>
      <ul className="shows" aria-label="Shows">
        {shows.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      {state === 'failed' && <p className="error">{error}</p>}
      <p className="foot">
        <span className={`indicator ${tones[state]}`}>
          <span className="light" aria-hidden="true" />
          <span>{labels[state]}</span>
        </span>
        {state === 'open' && <code className="address">{url?.replace('http://', '')}</code>}
        {state === 'open' && (
          <button className="stop" onClick={() => void stop(id)} aria-label={`Stop ${title}`}>
            Stop
          </button>
        )}
      </p>
    </li>
  )
}

/** Asks the server to end the example's process; the list says when it has ended. */
async function stop(id: string): Promise<void> {
  // Where the server is gone, the page's own status says so.
  await fetch(`/stop/${id}`, { method: 'POST' }).catch(() => undefined)
}
