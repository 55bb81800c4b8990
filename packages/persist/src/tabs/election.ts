/** How long things take, in milliseconds. */
export interface ElectionTimes {
  /** Between two heartbeats of the leader, and between two looks of a follower. */
  readonly beat: number
  /** A leader that was not heard for so long is asked. */
  readonly silence: number
  /** A leader that is asked answers in this time, or is taken for dead. */
  readonly answer: number
  /** At least so long between two thefts; twice as long after each, up to `longestPause`. */
  readonly stealPause: number
  readonly longestPause: number
}

export const defaultElectionTimes: ElectionTimes = {
  beat: 2_000,
  silence: 10_000,
  answer: 2_000,
  stealPause: 60_000,
  longestPause: 30 * 60_000,
}

/** What is known of thefts of the lock, here and elsewhere. */
export interface Thefts {
  /** How many there were in a row. */
  readonly count: number
  /** When the next may be, in milliseconds since the epoch. */
  readonly notBefore: number
}

/** Where a tab stands in the election of the one that leads. */
export type Election =
  /** Waits for the lock, and follows whoever holds it. `askedAt`: the leader was silent, and was asked. */
  | {
      readonly name: 'waiting'
      readonly heardAt: number
      readonly askedAt?: number | undefined
      readonly thefts: Thefts
    }
  /** Takes the lock from a leader that does not answer. */
  | { readonly name: 'stealing'; readonly thefts: Thefts }
  | { readonly name: 'leading'; readonly thefts: Thefts }
  /** The page is left, perhaps for the back-forward cache: it neither holds the lock nor waits for it. */
  | { readonly name: 'away'; readonly thefts: Thefts }
  | { readonly name: 'closed' }

/** What happens to a tab; `now` is in milliseconds since the epoch. */
export type ElectionEvent =
  | { readonly type: 'granted'; readonly now: number }
  /** The lock was stolen, or the store or another leader has a newer epoch. */
  | { readonly type: 'lost'; readonly now: number }
  /** The leader was heard; `thefts` as it counts them. */
  | { readonly type: 'heard'; readonly now: number; readonly thefts: Thefts }
  /** Time passed: a look every `beat`. */
  | { readonly type: 'look'; readonly now: number }
  /** The leader was asked and had its time to answer. */
  | { readonly type: 'unanswered'; readonly now: number; readonly isVisible: boolean }
  | { readonly type: 'hide' }
  | { readonly type: 'show'; readonly now: number }
  | { readonly type: 'close' }

/** What a tab does about it. */
export type ElectionStep =
  /** Waits for the lock, without a timeout. */
  | 'request'
  | 'steal'
  /** Gives the lock back, or no longer waits for it. */
  | 'release'
  /** Asks the leader whether it is there. */
  | 'ask'
  /** Begins to lead: a heartbeat at once. */
  | 'lead'
  /** Leads no longer. */
  | 'step-down'

/** The next state, and what to do, in order. */
export interface ElectionTurn {
  readonly state: Election
  readonly steps: readonly ElectionStep[]
}

export const noThefts: Thefts = { count: 0, notBefore: 0 }

/** Returns the state of a tab that begins: it asks for the lock. */
export function beginElection(now: number): ElectionTurn {
  return { state: { name: 'waiting', heardAt: now, thefts: noThefts }, steps: ['request'] }
}

/** Returns the next state and what to do; the same state where the event changes nothing. */
export function nextElection(state: Election, event: ElectionEvent, times: ElectionTimes): ElectionTurn {
  const same: ElectionTurn = { state, steps: [] }
  if (state.name === 'closed') return same
  const { thefts } = state
  switch (event.type) {
    case 'granted':
      if (state.name === 'stealing') return { state: { name: 'leading', thefts }, steps: ['lead'] }
      if (state.name === 'waiting') return { state: { name: 'leading', thefts }, steps: ['lead'] }
      // Granted while the page was left: it is given back.
      return state.name === 'away' ? { state, steps: ['release'] } : same
    case 'lost': {
      if (state.name !== 'leading' && state.name !== 'stealing') return same
      const steps: ElectionStep[] = state.name === 'leading' ? ['step-down'] : []
      return {
        state: { name: 'waiting', heardAt: event.now, thefts },
        steps: [...steps, 'release', 'request'],
      }
    }
    case 'heard':
      if (state.name !== 'waiting') return same
      return {
        state: { name: 'waiting', heardAt: event.now, thefts: moreOf(thefts, event.thefts) },
        steps: [],
      }
    case 'look':
      if (state.name !== 'waiting') return same
      // The clock was set back: for how long the leader is silent is counted from now.
      if (event.now < state.heardAt)
        return { state: { name: 'waiting', heardAt: event.now, thefts }, steps: [] }
      if (event.now - state.heardAt < times.silence) return same
      // Asked, and the answer is due; a hidden tab, or one that stole lately, asks again and again.
      if (state.askedAt !== undefined && event.now - state.askedAt < times.silence) return same
      return { state: { ...state, askedAt: event.now }, steps: ['ask'] }
    case 'unanswered': {
      if (state.name !== 'waiting' || state.askedAt === undefined) return same
      // This tab itself stood still meanwhile: the answer may lie in its queue.
      if (event.now - state.askedAt > times.silence)
        return { state: { ...state, askedAt: event.now }, steps: ['ask'] }
      if (!event.isVisible || !mayStealAt(event.now, thefts, times)) return same
      return {
        state: { name: 'stealing', thefts: afterTheft(thefts, event.now, times) },
        steps: ['release', 'steal'],
      }
    }
    case 'hide':
      return {
        state: { name: 'away', thefts },
        steps: state.name === 'leading' ? ['step-down', 'release'] : ['release'],
      }
    case 'show':
      if (state.name !== 'away') return same
      return { state: { name: 'waiting', heardAt: event.now, thefts }, steps: ['request'] }
    case 'close':
      return {
        state: { name: 'closed' },
        steps: state.name === 'leading' ? ['step-down', 'release'] : ['release'],
      }
  }
}

/** No pause is longer than the longest: one that seems so was noted before the clock was set back. */
function mayStealAt(now: number, { notBefore }: Thefts, { longestPause }: ElectionTimes): boolean {
  return now >= notBefore || notBefore - now > longestPause
}

/** A theft doubles the pause before the next; after a long time without any, counting begins anew. */
function afterTheft(thefts: Thefts, now: number, times: ElectionTimes): Thefts {
  const count = now - thefts.notBefore > times.longestPause ? 1 : thefts.count + 1
  const pause = Math.min(times.stealPause * 2 ** (count - 1), times.longestPause)
  return { count, notBefore: now + pause }
}

/** Others' thefts count as one's own: tabs that steal from each other in turn slow down together. */
function moreOf(own: Thefts, others: Thefts): Thefts {
  return others.notBefore > own.notBefore ? others : own
}
