import { quantity } from '@streamdb/example-shared/page'
import { eq, useLiveQuery, useStreamDB } from '@streamdb/react'
import { useState } from 'react'
import type { Database } from './database.ts'
import { command } from './description.ts'
import { shareOf, titleOf } from './labels.ts'
import type { WorkerRow } from './state.ts'
import { navigate } from './use-route.ts'
import { useWorkplace } from './workplace.ts'

/** The workers: what the process of each does, and buttons that start, kill and freeze it. */
export function WorkerPanel() {
  const { description, views } = useWorkplace()
  const { data } = useLiveQuery(views.workers)
  const rows = new Map(data.map((worker) => [worker.id, worker]))
  const isUp = (id: string) => (rows.get(id)?.state ?? 'stopped') !== 'stopped'
  // Those that run or have run, and one more to start.
  const shown = description.workers.filter((id) => isUp(id) || (rows.get(id)?.pid ?? 0) > 0)
  const next = description.workers.find((id) => !shown.includes(id))
  return (
    <section className="workers" aria-labelledby="workers-title">
      <h2 id="workers-title">
        Workers <span className="tally">{description.workers.filter(isUp).length}</span>
      </h2>
      <ul role="list">
        {shown.map((id) => (
          <li key={id}>
            <WorkerCard id={id} worker={rows.get(id)} />
          </li>
        ))}
        {next !== undefined && (
          <li>
            <WorkerCard id={next} worker={undefined} />
          </li>
        )}
      </ul>
    </section>
  )
}

const labels = {
  starting: ['Starting', 'busy'],
  idle: ['Idle', 'good'],
  busy: ['Working', 'busy'],
  frozen: ['Frozen', 'bad'],
  stopped: ['Not running', 'off'],
} as const

function WorkerCard({ id, worker }: { readonly id: string; readonly worker: WorkerRow | undefined }) {
  const state = worker?.state ?? 'stopped'
  const [label, tone] = labels[state]
  const [refusal, setRefusal] = useState<string>()
  const verbs =
    state === 'stopped'
      ? (['start'] as const)
      : state === 'frozen'
        ? (['thaw', 'kill'] as const)
        : (['freeze', 'kill'] as const)

  return (
    <article className="worker" aria-label={id}>
      <p className="worker-name">{id}</p>
      <span className={`indicator ${tone}`} role="status">
        <span className="light" aria-hidden="true" />
        <span>{label}</span>
      </span>
      <div className="worker-buttons">
        {verbs.map((verb) => (
          <button
            key={verb}
            type="button"
            className="small-button"
            onClick={() => {
              setRefusal(undefined)
              command(id, verb).catch((error: unknown) => setRefusal(String(error)))
            }}
          >
            {verb[0]?.toUpperCase()}
            {verb.slice(1)}
            <span className="visually-hidden"> {id}</span>
          </button>
        ))}
      </div>
      {worker !== undefined && worker.pid > 0 && (
        <p className="worker-about">
          process {worker.pid}
          {worker.done > 0 && `, ${quantity(worker.done, 'job')} done`}
        </p>
      )}
      {worker?.job !== undefined && state === 'busy' && <CurrentJob id={worker.job} />}
      {worker?.note !== undefined && <p className="worker-about">{worker.note}</p>}
      {refusal !== undefined && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
    </article>
  )
}

function CurrentJob({ id }: { readonly id: string }) {
  const { jobs } = useStreamDB<Database>().collections
  const { data: job } = useLiveQuery(
    (q) =>
      q
        .from({ job: jobs })
        .where(({ job: each }) => eq(each.id, id))
        .findOne(),
    [id],
  )
  if (job === undefined) return undefined
  return (
    <div className="worker-job">
      <button type="button" className="link" onClick={() => navigate({ job: id, state: undefined })}>
        {titleOf(job)}
      </button>
      <progress value={shareOf(job)} aria-label={`${titleOf(job)}, progress`} />
    </div>
  )
}
