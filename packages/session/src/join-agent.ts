import type { ResolvedAgentOptions } from './agent-options.ts'
import type { SessionParts } from './session-parts.ts'
import { settled } from './writing.ts'

/**
 * Makes an agent known in a session that is loaded; resolves when the log has it, at once where it had. What was said before
 * it first joined is not for it, but for a last message without an answer. Rejects where the write was refused.
 */
export async function joinAgent({ db, thread }: SessionParts, options: ResolvedAgentOptions): Promise<void> {
  const { name, title, description, concurrency } = options
  const { agents, messages, participants } = db.collections
  if (agents.has(name)) return
  const all = thread.all()
  const isLastOpen = messages.get(all.at(-1) ?? '')?.role === 'user'
  const after = all.at(isLastOpen ? -2 : -1)
  const isAny = isLastOpen ? all.length > 1 : all.length > 0
  const transaction = db.transact(() => {
    agents.insert({
      ...{ id: name, concurrency },
      ...(title === undefined ? {} : { name: title }),
      ...(description === undefined ? {} : { description }),
      ...(isAny && after !== undefined ? { after } : {}),
    })
    if (!participants.has(name)) {
      participants.insert({ id: name, kind: 'agent', ...(title === undefined ? {} : { name: title }) })
    }
  })
  await settled(transaction)
}
