import fc from 'fast-check'
import { rounds } from './attacks.ts'
import { attackRoom } from './round.ts'
import type { UnderAttack } from './under-attack.ts'

/** What came of all rounds so far. */
export interface Tally {
  readonly rounds: number
  readonly attacks: number
  /** Events that got in. */
  readonly stored: number
  readonly statuses: ReadonlyMap<number, number>
  /** Each with the seed of its round, which `fuzz` takes again. */
  readonly faults: readonly string[]
}

/** Attacks room after room while `goesOn` says so; ends with the first round that finds a fault. */
export async function fuzz(
  target: UnderAttack,
  seed: number,
  goesOn: (tally: Tally) => boolean,
): Promise<Tally> {
  const statuses = new Map<number, number>()
  let tally: Tally = { rounds: 0, attacks: 0, stored: 0, statuses, faults: [] }
  const unhandled: string[] = []
  const onUnhandled = (error: unknown): void => void unhandled.push(`unhandled: ${String(error)}`)
  process.on('unhandledRejection', onUnhandled)
  while (tally.faults.length === 0 && goesOn(tally)) {
    const own = seed + tally.rounds
    const [attacks = []] = fc.sample(rounds, { seed: own, numRuns: 1 })
    const outcome = await attackRoom(target, `room-${own}`, attacks)
    for (const [status, times] of outcome.statuses) statuses.set(status, (statuses.get(status) ?? 0) + times)
    tally = {
      rounds: tally.rounds + 1,
      attacks: tally.attacks + attacks.length,
      stored: tally.stored + outcome.stored,
      statuses,
      faults: [...outcome.faults, ...unhandled].map((fault) => `seed ${own}: ${fault}`),
    }
  }
  process.off('unhandledRejection', onUnhandled)
  return tally
}
