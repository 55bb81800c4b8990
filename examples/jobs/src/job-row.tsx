import { BinIcon, duration, relativeTime, RepeatIcon, StopIcon } from '@streamdb/example-shared/page'
import { useId } from 'react'
import type { ReactNode } from 'react'
import { JobDetails } from './job-details.tsx'
import { shareOf, size, stateLabels, titleOf } from './labels.ts'
import { mayAsk } from './may-ask.ts'
import type { Job, Request } from './state.ts'

interface JobRowProps {
  readonly job: Job
  /** What was asked for, and is not done yet. */
  readonly asked: Request['action'] | undefined
  readonly now: number
  readonly open: boolean
  readonly tabIndex: 0 | -1
  readonly onToggle: () => void
  readonly onAsk: (action: Request['action']) => void
}

const asking = { cancel: 'Cancelling', retry: 'Retrying', remove: 'Removing' } as const

/** One job; while it is open, with its result and its log. */
export function JobRow({ job, asked, now, open, tabIndex, onToggle, onAsk }: JobRowProps) {
  const details = useId()
  const [label, tone] = stateLabels[job.state]
  return (
    <article className={open ? 'job open' : 'job'}>
      <button
        type="button"
        className="row"
        tabIndex={tabIndex}
        aria-expanded={open}
        aria-controls={open ? details : undefined}
        onClick={onToggle}
      >
        <span className={`state ${tone}`}>
          <span className="light" aria-hidden="true" />
          <span className="state-label">{asked === undefined ? label : `${asking[asked]}…`}</span>
        </span>
        <span className="title">{titleOf(job)}</span>
        <span className="about">{aboutOf(job)}</span>
        <time dateTime={new Date(job.createdAt).toISOString()}>
          {relativeTime(new Date(job.createdAt).toISOString(), now)}
        </time>
      </button>
      {job.state === 'running' && (
        <progress className="job-progress" value={shareOf(job)} aria-label={`${titleOf(job)}, progress`} />
      )}
      <div className="job-buttons">
        <Ask {...{ job, asked, onAsk }} action="cancel" label="Cancel">
          <StopIcon />
        </Ask>
        <Ask {...{ job, asked, onAsk }} action="retry" label="Retry">
          <RepeatIcon />
        </Ask>
        <Ask {...{ job, asked, onAsk }} action="remove" label="Remove">
          <BinIcon />
        </Ask>
      </div>
      {open && <JobDetails id={details} job={job} />}
    </article>
  )
}

interface AskProps extends Pick<JobRowProps, 'job' | 'asked' | 'onAsk'> {
  readonly action: Request['action']
  readonly label: string
  readonly children: ReactNode
}

function Ask({ job, asked, onAsk, action, label, children }: AskProps) {
  if (!mayAsk(job, asked, action)) return undefined
  return (
    <button
      type="button"
      className="icon-button"
      title={label}
      aria-label={`${label} ${titleOf(job)}`}
      onClick={() => onAsk(action)}
    >
      {children}
    </button>
  )
}

/** What is to be said of a job in one line. */
function aboutOf({ state, progress, worker, attempt, duration: took, error, lost }: Job): string {
  const attempts = attempt > 1 ? [`attempt ${attempt}`] : []
  switch (state) {
    case 'queued':
      return [lost > 0 ? 'its worker was lost' : 'waits for a worker', ...attempts].join(' · ')
    case 'running': {
      if (progress === undefined) return [`by ${worker}`, ...attempts].join(' · ')
      const { done, total, unit } = progress
      const how = unit === 'bytes' ? `${size(done)} of ${size(total)}` : `${done} of ${total} files`
      return [`by ${worker}`, how, ...attempts].join(' · ')
    }
    case 'done':
      return [`by ${worker}`, duration(took ?? 0), ...attempts].join(' · ')
    case 'failed':
      return [error?.message ?? 'failed', ...attempts].join(' · ')
    case 'cancelled':
      return worker === undefined ? 'before it began' : [`by ${worker}`, ...attempts].join(' · ')
  }
}
