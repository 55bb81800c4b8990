import type { Branch, Message } from './rows.ts'

/** The branch of messages that name none. */
export const mainBranch = 'main'

/** Returns the id of the branch that a message belongs to. */
export function branchOf({ branch = mainBranch }: Pick<Message, 'branch'>): string {
  return branch
}

/** What tells which messages a branch shows. */
export interface BranchContext {
  readonly getBranch: (id: string) => Branch | undefined
  /** The place of a message in the log. */
  readonly placeOf: (message: string) => number
}

/**
 * Returns, for each branch whose messages are shown in `branch`, the place before which they are: those of an ancestor
 * until the message that was replaced, and all of its own (`undefined`).
 */
export function limitsOf(
  branch: string,
  { getBranch, placeOf }: BranchContext,
): Map<string, number | undefined> {
  const limits = new Map<string, number | undefined>([[branch, undefined]])
  let limit = Infinity
  for (let row = getBranch(branch); row !== undefined; row = getBranch(row.parent ?? mainBranch)) {
    limit = Math.min(limit, placeOf(row.from))
    const parent = row.parent ?? mainBranch
    // A branch that descends from itself was written by somebody else than this package.
    if (limits.has(parent)) break
    limits.set(parent, limit)
  }
  return limits
}

/** Tells whether a message is shown under these limits. */
export function isWithin(
  limits: ReadonlyMap<string, number | undefined>,
  message: Message,
  place: number,
): boolean {
  const branch = branchOf(message)
  if (!limits.has(branch)) return false
  const limit = limits.get(branch)
  return limit === undefined || place < limit
}
