import { ErrorBoundary, useNow, useRowKeys } from '@streamdb/example-shared/page'
import { useLiveQuery, useStreamDB } from '@streamdb/react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { KeyboardEvent } from 'react'
import type { Database } from './database.ts'
import { JobRow } from './job-row.tsx'
import { mayAsk } from './may-ask.ts'
import type { Job, Request } from './state.ts'
import { navigate } from './use-route.ts'
import { useWorkplace } from './workplace.ts'

/** What a key asks for, of the job that has the focus. */
const keys: Readonly<Record<string, Request['action']>> = {
  c: 'cancel',
  r: 'retry',
  Delete: 'remove',
  Backspace: 'remove',
}

/** The jobs; only those in sight are in the document. */
export function JobList({
  jobs,
  open,
}: {
  readonly jobs: readonly Job[]
  readonly open: string | undefined
}) {
  const { ask } = useStreamDB<Database>().actions
  const { data: requests } = useLiveQuery(useWorkplace().views.requests)
  const asked = new Map(requests.map(({ job, action }) => [job, action]))
  const scroller = useRef<HTMLDivElement>(null)
  const toggled = useRef<string>(undefined)
  const now = useNow()
  const virtualizer = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => jobs[index]?.id ?? index,
    estimateSize: () => 64,
    overscan: 8,
    // At the top, a new job moves the others down. Further down, where somebody reads, nothing moves.
    anchorTo: (scroller.current?.scrollTop ?? 0) > 0 ? 'end' : 'start',
  })
  const { current, onKeyDown, onFocus } = useRowKeys(jobs.length, virtualizer, { selector: 'article > .row' })

  useEffect(() => {
    // A job that was clicked is in sight; one that an address names may be anywhere.
    if (open === undefined || open === toggled.current) return
    const index = jobs.findIndex(({ id }) => id === open)
    if (index !== -1) virtualizer.scrollToIndex(index, { align: 'center' })
    // Only when another job is opened: new jobs must not scroll the list back.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [open, virtualizer])

  function onKey(event: KeyboardEvent<HTMLElement>): void {
    onKeyDown(event)
    const action = keys[event.key]
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const index =
      event.target instanceof Element
        ? event.target.closest('[data-index]')?.getAttribute('data-index')
        : undefined
    const job = jobs[Number(index)]
    if (job !== undefined && mayAsk(job, asked.get(job.id), action)) ask({ job: job.id, action })
  }

  return (
    <div className="scroller" ref={scroller}>
      {/* Without a role, Safari does not treat a list without markers as one. */}
      <ol
        role="list"
        aria-label="Jobs"
        className="rows"
        style={{ blockSize: virtualizer.getTotalSize() }}
        onKeyDown={onKey}
        onFocus={onFocus}
      >
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const job = jobs[index]
          if (job === undefined) return undefined
          return (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-setsize={jobs.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <ErrorBoundary
                resetKey={job}
                fallback={<article className="job">Job {job.id} cannot be shown.</article>}
              >
                <JobRow
                  job={job}
                  asked={asked.get(job.id)}
                  now={now}
                  open={job.id === open}
                  tabIndex={index === current ? 0 : -1}
                  onToggle={() => {
                    toggled.current = job.id
                    navigate({ job: job.id === open ? undefined : job.id })
                  }}
                  onAsk={(action) => void ask({ job: job.id, action })}
                />
              </ErrorBoundary>
            </li>
          )
        })}
      </ol>
    </div>
  )
}
