import { mainBranch } from './branches.ts'
import type { LogOrder } from './log-order.ts'
import type { SessionDB } from './session-db.ts'
import type { Thread } from './thread.ts'

/** What tells which messages stand at the same place. */
export interface AlternativesContext {
  readonly collections: Pick<SessionDB['collections'], 'messages' | 'branches'>
  readonly thread: Pick<Thread, 'firstOf'>
  readonly order: Pick<LogOrder, 'of'>
}

/** Which alternatives are meant. */
export interface AlternativesOptions {
  /** Also what replaced a replacement, and so on: all that was ever said at this place. Default: one step. */
  readonly nested?: boolean | undefined
}

/** Returns the branches in which something stands at the place of a message: that of the first one, then as the log has them. */
export function alternativesOf(
  id: string,
  context: AlternativesContext,
  { nested = false }: AlternativesOptions = {},
): string[] {
  const { branches, messages } = context.collections
  if (!messages.has(id)) return []
  const steps = nested ? Infinity : 1
  const place = replacedBy(id, context, steps)
  const others = [...branches.values()].filter(
    ({ from }) => (nested ? replacedBy(from, context, steps) : from) === place,
  )
  others.sort((a, b) => context.order.of('branch', a.id) - context.order.of('branch', b.id))
  return [messages.get(place)?.branch ?? mainBranch, ...others.map((branch) => branch.id)]
}

/** Returns the message that was at the place of this one, so many replacements before. */
function replacedBy(id: string, { collections, thread }: AlternativesContext, steps: number): string {
  const { branches, messages } = collections
  const seen = new Set<string>()
  let place = id
  // A branch that descends from itself was written by somebody else than this package.
  while (seen.size < steps && !seen.has(place)) {
    seen.add(place)
    const branch = messages.get(place)?.branch
    const own = branch === undefined ? undefined : branches.get(branch)
    // The first message of a branch stands at the place of the one that the branch replaces.
    if (own === undefined || thread.firstOf(own.id) !== place) break
    place = own.from
  }
  return place
}
