import type { SessionRole } from './decision.ts'

/** Who writes: a participant with a role, and the agents that it runs. */
export interface Actor {
  readonly id: string
  readonly role: SessionRole
  readonly agents: readonly string[]
}

/** Whether an id in a row is the actor's own, or that of an agent it runs. */
export function isOwn({ id, agents }: Actor, named: unknown): boolean {
  return named === id || isOwnAgent({ agents }, named)
}

/** Whether an id in a row is that of an agent which the actor runs. */
export function isOwnAgent({ agents }: Pick<Actor, 'agents'>, named: unknown): boolean {
  return typeof named === 'string' && agents.includes(named)
}

/** Whether the actor writes under this id as an agent does, not as a person. */
export function actsAsAgent(actor: Actor, named: unknown): boolean {
  return actor.role === 'agent' || isOwnAgent(actor, named)
}

/** Whether the actor takes part as a person who writes. */
export function isWriter({ role }: Actor): boolean {
  return role === 'owner' || role === 'member'
}
