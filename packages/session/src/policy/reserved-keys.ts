import { isOwnAgent } from './actor.ts'
import type { Actor } from './actor.ts'
import type { PolicyRows } from './decision.ts'
import { rowOf } from './row-write.ts'

/**
 * Returns the agent of the session, none of the actor's, that a key belongs to: runs and their messages are called
 * `agent.trigger`. Whoever took such a key would stand in the way of the run.
 */
export function keyOfAnother(key: string, actor: Actor, rows: PolicyRows): string | undefined {
  for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1)) {
    const agent = key.slice(0, dot)
    if (!isOwnAgent(actor, agent) && rowOf(rows, 'agent', agent) !== undefined) return agent
  }
  return undefined
}
