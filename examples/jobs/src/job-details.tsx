import { fullDate } from '@streamdb/example-shared/page'
import { eq, useLiveQuery, useStreamDB } from '@streamdb/react'
import { useEffect, useRef } from 'react'
import type { Database } from './database.ts'
import { JobResultView } from './job-result.tsx'
import type { Job } from './state.ts'

/** A job in full: what came of it, why it failed, and its log. */
export function JobDetails({ id, job }: { readonly id: string; readonly job: Job }) {
  const { result, output, error, progress, createdAt, fence } = job
  return (
    <div className="details" id={id}>
      {error !== undefined && (
        <div className="error">
          <p>{error.message}</p>
          {error.stack !== undefined && (
            <pre tabIndex={0} aria-label="Stack of the error">
              {error.stack}
            </pre>
          )}
        </div>
      )}
      {result !== undefined && <JobResultView result={result} />}
      {output !== undefined && (
        <p>
          <a className="way" href={`/output/${encodeURIComponent(output)}`} download>
            Save {output.slice(job.id.length + 1)}
          </a>
        </p>
      )}
      {job.state === 'running' && progress?.note !== undefined && <p className="note">{progress.note}</p>}
      <Log job={job.id} />
      <p className="facts">
        Asked for on {fullDate(new Date(createdAt).toISOString())} · lease {fence} · <code>{job.id}</code>
      </p>
    </div>
  )
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** The lines of a job's log, as they come; scrolled to its end. */
function Log({ job }: { readonly job: string }) {
  const { logs } = useStreamDB<Database>().collections
  const list = useRef<HTMLOListElement>(null)
  const { data: lines } = useLiveQuery(
    (q) =>
      q
        .from({ line: logs })
        .where(({ line }) => eq(line.job, job))
        .orderBy(({ line }) => line.place),
    [job, logs],
  )
  useEffect(() => {
    if (list.current !== null) list.current.scrollTop = list.current.scrollHeight
  }, [lines.length])
  if (lines.length === 0) return <p className="note">The log is empty.</p>
  return (
    <ol ref={list} role="list" className="log" aria-label="Log" tabIndex={0}>
      {lines.map(({ id, at, level, text }) => (
        <li key={id} className={level}>
          <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
          {level !== 'info' && <span className="visually-hidden">{level}: </span>}
          <span>{text}</span>
        </li>
      ))}
    </ol>
  )
}
