import { duration, number, quantity, useNow } from '@streamdb/example-shared/page'
import { useLiveQuery } from '@streamdb/react'
import { kindLabels, stateLabels, states } from './labels.ts'
import { navigate, useRoute } from './use-route.ts'
import { useWorkplace } from './workplace.ts'

/** So many minutes are drawn. */
const minutes = 30

/** How many jobs are in each state, how many were done in each minute, and how long they take: aggregate live queries. */
export function Statistics() {
  return (
    <section className="statistics" aria-label="Statistics">
      <ByState />
      <Throughput />
      <ByKind />
    </section>
  )
}

/** The states with their counts; choosing one lists only these jobs. */
function ByState() {
  const { byState } = useWorkplace().views
  const { data } = useLiveQuery(byState)
  const { state: chosen } = useRoute()
  return (
    <ul role="list" className="tiles">
      {states.map((state) => {
        const [label, tone] = stateLabels[state]
        return (
          <li key={state}>
            <button
              type="button"
              className={`tile ${tone}`}
              aria-pressed={state === chosen}
              onClick={() => navigate({ state: state === chosen ? undefined : state, job: undefined })}
            >
              <span className="tile-count">{number(data.find((row) => row.state === state)?.jobs ?? 0)}</span>
              <span className="tile-label">
                <span className="light" aria-hidden="true" />
                {label}
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function Throughput() {
  const { data } = useLiveQuery(useWorkplace().views.byMinute)
  // Rounded up to the minute that is not over yet.
  const last = Math.floor((useNow() - 1) / 60_000)
  const counts = Array.from({ length: minutes }, (_each, index) => {
    const minute = last - minutes + 1 + index
    return { minute, jobs: data.find((row) => row.minute === minute)?.jobs ?? 0 }
  })
  const most = Math.max(1, ...counts.map(({ jobs }) => jobs))
  const sum = counts.reduce((total, { jobs }) => total + jobs, 0)
  return (
    <figure className="throughput">
      <figcaption>
        <span className="caption">Done in {minutes} minutes</span> <b>{number(sum)}</b>
      </figcaption>
      <svg
        role="img"
        aria-label={`${quantity(sum, 'job')} done in the last ${minutes} minutes, at most ${number(most)} in one`}
        viewBox={`0 0 ${minutes * 4} 32`}
        preserveAspectRatio="none"
      >
        {counts.map(({ minute, jobs }, index) => {
          const height = jobs === 0 ? 1 : Math.max(2, (jobs / most) * 32)
          return (
            <rect key={minute} x={index * 4} y={32 - height} width="3" height={height} data-jobs={jobs} />
          )
        })}
      </svg>
    </figure>
  )
}

function ByKind() {
  const { data } = useLiveQuery(useWorkplace().views.byKind)
  const rows = [...data].sort((one, other) => other.jobs - one.jobs)
  return (
    <table className="by-kind">
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Done</th>
          <th scope="col">Mean</th>
          <th scope="col">Longest</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ kind, jobs, mean, longest }) => (
          <tr key={kind}>
            <th scope="row">{kindLabels[kind].name}</th>
            <td>{number(jobs)}</td>
            <td>{duration(Number(mean))}</td>
            <td>{duration(Number(longest))}</td>
          </tr>
        ))}
        {rows.length === 0 && (
          <tr>
            <td colSpan={4} className="none">
              Nothing is done yet
            </td>
          </tr>
        )}
      </tbody>
    </table>
  )
}
