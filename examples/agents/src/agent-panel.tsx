import { useLiveQuery } from '@streamdb/react'
import { useState } from 'react'
import { AgentAvatar } from './agent-avatar.tsx'
import { useWorkplace } from './contexts.ts'
import type { AgentInfo } from './description.ts'
import { command } from './processes.ts'
import type { AgentProcess } from './processes.ts'

/** The agents: whether the process of each runs, and a button that kills it or starts it. */
export function AgentPanel() {
  const { description, processes } = useWorkplace()
  const { data } = useLiveQuery(processes.collections.processes)
  return (
    <section className="agents" aria-label="Agents">
      <h2>Agents</h2>
      <ul role="list">
        {description.agents.map((agent) => (
          <li key={agent.id}>
            <AgentCard agent={agent} process={data.find(({ id }) => id === agent.id)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

interface AgentCardProps {
  readonly agent: AgentInfo
  readonly process: AgentProcess | undefined
}

const labels = {
  starting: ['Starting', 'busy'],
  running: ['Running', 'good'],
  stopped: ['Stopped', 'bad'],
} as const

function AgentCard({ agent, process }: AgentCardProps) {
  const { id, name, about } = agent
  const state = process?.state ?? 'stopped'
  const [label, tone] = labels[state]
  const verb = state === 'stopped' ? 'start' : 'kill'
  const [refusal, setRefusal] = useState<string>()

  function act(): void {
    setRefusal(undefined)
    command(id, verb).catch((error: unknown) => {
      setRefusal(error instanceof Error ? error.message : String(error))
    })
  }

  return (
    <article className="agent" aria-label={name}>
      <AgentAvatar id={id} name={name} />
      <p className="agent-name">{name}</p>
      <p className="agent-about">{about}</p>
      <p className="agent-state">
        <span className={`indicator ${tone}`} role="status" title={process?.reason}>
          <span className="light" aria-hidden="true" />
          <span>{label}</span>
        </span>
        {state === 'running' && process?.pid !== undefined && (
          <span className="pid">process {process.pid}</span>
        )}
      </p>
      <button type="button" className="small-button" onClick={act}>
        {verb === 'start' ? 'Start' : 'Kill'}
        <span className="visually-hidden"> the process of {name}</span>
      </button>
      {refusal !== undefined && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
    </article>
  )
}
