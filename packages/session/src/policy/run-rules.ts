import { isSameValue } from '@streamdb/state'
import { isOwnAgent } from './actor.ts'
import type { SessionRefusal } from './decision.ts'
import { isRunIdOf } from './message-rules.ts'
import { fixedFields, quote, refuse, rowOf } from './row-write.ts'
import type { Fields, Rule, RowWrite } from './row-write.ts'
import { fieldOf, sameExcept } from './row-fields.ts'

const activeStates: readonly unknown[] = ['running', 'waiting']
const openStates: readonly unknown[] = [...activeStates, 'interrupted']

/**
 * Runs: the agent's own, under an epoch that never falls. All who write may say that the holder of one is gone, under a newer
 * epoch (SPEC A9), and an owner may end one.
 */
export const runRule: Rule = (write) => {
  const { key, actor, row, value } = write
  if (value === undefined) {
    if (row === undefined || actor.role === 'owner' || isOwnAgent(actor, row['agent'])) return undefined
    return refuse(write, 'not-yours', `its agent is ${quote(row['agent'])}`)
  }
  if (row !== undefined && (isInterrupted(row, value) || (actor.role === 'owner' && isEnded(row, value)))) {
    return undefined
  }
  if (!isOwnAgent(actor, value['agent'])) {
    return refuse(write, 'another-name', `its agent would be ${quote(value['agent'])}`, 'agent')
  }
  if (!isRunIdOf(value['agent'], key) || value['message'] !== key) {
    return refuse(write, 'key-taken', `a run and its message are called "${String(value['agent'])}.trigger"`)
  }
  return row === undefined ? undefined : nextOfRun(write, row, value)
}

function nextOfRun(write: RowWrite, row: Fields, value: Fields): SessionRefusal | undefined {
  if (!isOwnAgent(write.actor, row['agent'])) {
    return refuse(write, 'not-yours', `its agent is ${quote(row['agent'])}`)
  }
  if (openStates.includes(value['status']) && !openStates.includes(row['status'])) {
    return refuse(write, 'run-over', `it is ${quote(row['status'])} already`, 'status')
  }
  const [before, now] = [Number(row['epoch']), Number(value['epoch'])]
  const isHeldByAnother = now < before || (now === before && row['holder'] !== value['holder'])
  return isHeldByAnother
    ? refuse(write, 'run-over', `another process holds it (epoch ${before})`, 'epoch')
    : fixedFields(write, ['agent', 'message', 'branch'])
}

function isInterrupted(row: Fields, value: Fields): boolean {
  if (!(Number(value['epoch']) > Number(row['epoch']))) return false
  // It was handed over before: only its epoch is another.
  if (row['status'] === 'interrupted') return sameExcept(row, value, ['epoch'])
  const isGone = value['status'] === 'interrupted' && value['code'] === 'holder-gone'
  return activeStates.includes(row['status']) && isGone && sameExcept(row, value, ['epoch', 'status', 'code'])
}

function isEnded(row: Fields, value: Fields): boolean {
  const isEnd = openStates.includes(row['status']) && value['status'] === 'cancelled'
  return isEnd && sameExcept(row, value, ['status', 'code', 'reason', 'endedAt'])
}

/** What steps of a run returned: the run's agent. */
export const stepRule: Rule = (write) => {
  const { key, row, value } = write
  const refusal = ofOwnRun(write)
  if (refusal !== undefined || value === undefined) return refusal
  if (row === undefined && !key.startsWith(`${String(value['run'])}:`)) {
    return refuse(write, 'key-taken', `a step is called after its run: "${String(value['run'])}:name"`)
  }
  return fixedFields(write, ['run'])
}

const decidedBy: Readonly<Record<string, readonly unknown[]>> = {
  approved: ['approve'],
  answered: ['answer'],
  denied: ['deny', 'cancel'],
}

/** What a decision says beside its verdict: an approval repeats it, or leaves it out. */
const said = ['value', 'attachment', 'reason']

/** Questions: the run's agent, which writes no decision that nobody made. An owner may end one. */
export const approvalRule: Rule = (write) => {
  const { key, actor, row, value, rows } = write
  const isEnd = row?.['status'] === 'pending' && value?.['status'] === 'cancelled'
  if (actor.role === 'owner' && isEnd && sameExcept(row, value, ['status'])) return undefined
  const refusal = ofOwnRun(write)
  if (refusal !== undefined || value === undefined) return refusal
  if (!isOwnAgent(actor, value['agent'])) {
    return refuse(write, 'another-name', `its agent would be ${quote(value['agent'])}`, 'agent')
  }
  const changed = fixedFields(write, ['run', 'agent', 'kind'])
  if (changed !== undefined) return changed
  const verdicts = decidedBy[String(value['status'])]
  if (verdicts === undefined) {
    return value['by'] === undefined && value['decision'] === undefined
      ? undefined
      : refuse(write, 'another-name', `nobody has decided one that is ${quote(value['status'])}`, 'by')
  }
  const decision = rowOf(rows, 'decision', value['decision'])
  const isMade =
    decision?.['subject'] === key &&
    decision['actor'] === value['by'] &&
    verdicts.includes(decision['verdict']) &&
    said.every((field) => value[field] === undefined || isSameValue(value[field], decision[field]))
  return isMade
    ? undefined
    : refuse(write, 'another-name', `there is no such decision of ${quote(value['by'])} in the log`, 'by')
}

/** Agents: each makes itself known; an owner may remove one. */
export const agentRule: Rule = (write) => {
  const { key, actor, row, value } = write
  if (isOwnAgent(actor, key)) return undefined
  if (value === undefined && (row === undefined || actor.role === 'owner')) return undefined
  return refuse(write, 'another-name', 'an agent makes itself known')
}

/** Refuses what is not of a run whose agent is the actor's own; an owner may delete it. */
function ofOwnRun(write: RowWrite): SessionRefusal | undefined {
  const { actor, row, value, rows } = write
  if (value === undefined && (row === undefined || actor.role === 'owner')) return undefined
  const named = fieldOf(row ?? value ?? {}, 'run')
  const run = rowOf(rows, 'run', named)
  if (isOwnAgent(actor, run?.['agent'])) return undefined
  if (run === undefined) return refuse(write, 'unknown-row', `there is no run ${quote(named)}`, 'run')
  return refuse(
    write,
    row === undefined ? 'another-name' : 'not-yours',
    `the agent of its run is ${quote(run['agent'])}`,
  )
}
