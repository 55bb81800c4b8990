import { AgentsIcon } from '@streamdb/example-shared/page'

/** The mark of an agent, where a person has initials; hidden from screen readers, since the name stands beside it. */
export function AgentAvatar({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <span className={`avatar agent-avatar of-${id}`} aria-hidden="true" title={name}>
      <AgentsIcon />
    </span>
  )
}
