import { Notice, quantity } from '@streamdb/example-shared/page'
import { useLiveQuery, useStreamDB, useStreamStatus } from '@streamdb/react'
import type { Database } from './database.ts'
import { JobList } from './job-list.tsx'
import { stateLabels } from './labels.ts'
import { navigate, useRoute } from './use-route.ts'
import { useWorkplace } from './workplace.ts'

/** The jobs, or the reason why there are none to see. */
export function JobPane() {
  const { data: jobs, isReady } = useLiveQuery(useWorkplace().views.jobs)
  const { state, job } = useRoute()
  const listed = state === undefined ? jobs : jobs.filter((each) => each.state === state)
  if (!isReady) return <FirstLoad />
  return (
    <section className="jobs" aria-label="List of jobs">
      <div className="summary">
        <p role="status">
          {state === undefined
            ? quantity(jobs.length, 'job')
            : `${quantity(listed.length, 'job')} of ${jobs.length}`}
        </p>
        {state !== undefined && (
          <button type="button" className="link" onClick={() => navigate({ state: undefined })}>
            Show all
          </button>
        )}
        <p className="keys" aria-hidden="true">
          <kbd>n</kbd> new <kbd>↑</kbd> <kbd>↓</kbd> move <kbd>↵</kbd> open <kbd>c</kbd> cancel <kbd>r</kbd>{' '}
          retry <kbd>⌫</kbd> remove
        </p>
      </div>
      {listed.length > 0 ? (
        <JobList key={state ?? ''} jobs={listed} open={job} />
      ) : state === undefined ? (
        <Notice title="No jobs yet" text="Start one: choose what it is to do, and on which files." />
      ) : (
        <Notice title={`No job is ${stateLabels[state][0].toLowerCase()}`} />
      )}
    </section>
  )
}

function FirstLoad() {
  const status = useStreamStatus()
  const db = useStreamDB<Database>()
  if (status.name !== 'failed' && status.name !== 'needs-auth')
    return <Notice title="Reading the stream…" busy />
  return (
    <Notice title="The stream cannot be read" text={status.error.message}>
      <button type="button" onClick={() => db.retry()}>
        Try again
      </button>
    </Notice>
  )
}
