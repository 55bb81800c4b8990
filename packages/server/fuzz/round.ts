import type { Attack } from './attacks.ts'
import { faultsOf } from './oracle.ts'
import { people } from './policy.ts'
import { sendRaw } from './raw-socket.ts'
import type { UnderAttack } from './under-attack.ts'

/** What came of the attacks of a round. */
export interface Outcome {
  readonly faults: readonly string[]
  /** How many answers had which status; 0: the connection ended without one. */
  readonly statuses: ReadonlyMap<number, number>
  /** How many events got in. */
  readonly stored: number
}

/** How many connections attack at a time. */
const together = 16

/** Attacks a new room, and says what is wrong with what its log holds then, and with how the gateway took it. */
export async function attackRoom(
  target: UnderAttack,
  room: string,
  attacks: readonly Attack[],
): Promise<Outcome> {
  const faults: string[] = []
  const statuses = new Map<number, number>()
  const refused = new Map<string, string>()
  await target.create(room)
  const waiting = [...attacks]
  async function attackOneByOne(): Promise<void> {
    for (let attack = waiting.shift(); attack !== undefined; attack = waiting.shift()) {
      const answers = await sendRaw(target.port, attack.bytes(room), attack.hangUp)
      for (const status of answers.length === 0 ? [0] : answers) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
      if (answers.some((status) => status === 500)) faults.push(`answered 500: ${attack.what}`)
      const isRefused = answers.length > 0 && answers.every((status) => status >= 400 && status < 500)
      // Another one may have sent the same.
      if (isRefused && attack.expected !== 'once')
        for (const mark of attack.marks) refused.set(mark, attack.what)
      if (attack.expected === 'stored' && answers[0] !== 204)
        faults.push(`answered ${answers.join()}: an honest event`)
    }
  }
  await Promise.all(Array.from({ length: together }, attackOneByOne))

  const log = await target.read(room)
  faults.push(...faultsOf(log, people))
  const count = new Map<string, number>()
  for (const item of log) {
    const { value } = Object(item) as { value?: unknown } // any JSON
    const { text } = Object(value) as { text?: unknown } // as above
    const mark = String(text).replace(/ .*/su, '')
    count.set(mark, (count.get(mark) ?? 0) + 1)
  }
  for (const { marks, expected, what } of attacks) {
    for (const mark of marks) {
      const times = count.get(mark) ?? 0
      if (expected === 'stored' && times !== 1) faults.push(`${mark} is there ${times} times: ${what}`)
      if (expected === 'once' && times > 1) faults.push(`${mark} is there ${times} times: ${what}`)
    }
  }
  for (const [mark, what] of refused)
    if (count.has(mark)) faults.push(`${mark} was refused, and is there: ${what}`)
  faults.push(...target.leaks.splice(0).map((leak) => `reached the stream server: ${leak}`))
  faults.push(...target.reports.splice(0).map((report) => `reported: ${report}`))
  await target.remove(room)
  return { faults, statuses, stored: log.length }
}
