import { isSameValue } from '@streamdb/state'
import { toPartRows } from '../new-parts.ts'
import type { NewPart } from '../rows.ts'
import { actsAsAgent, isOwn, isOwnAgent, isWriter } from './actor.ts'
import { keyOfAnother } from './reserved-keys.ts'
import { fixedFields, inOwnName, ownRow, quote, refuse, rowOf } from './row-write.ts'
import type { Fields, Rule, RowWrite } from './row-write.ts'
import type { SessionRefusal } from './decision.ts'
import { fieldOf, sameExcept } from './row-fields.ts'

/** What may stand in place of a text that an owner has taken away. */
export const redactedTexts: readonly unknown[] = ['', '[redacted]']

const fixedOfMessage = ['author', 'role', 'run', 'branch']
const fieldsOfItem = ['author', 'branch', 'mentions', 'replyTo', 'metadata']
const agentKinds: readonly unknown[] = ['tool-call', 'reasoning']
const agentFields = ['toolCall', 'toolName', 'toolState', 'input', 'output', 'step', 'attempt']

/** Messages: in one's own name. Who wrote it, as what, in which run and branch stays; an owner may delete and redact. */
export const messageRule: Rule = (write) => {
  const { actor, row, value } = write
  if (value === undefined) {
    return row === undefined || actor.role === 'owner' ? undefined : ownRow(write, 'author')
  }
  if (row === undefined) return newMessage(write, value)
  if (isOwn(actor, row['author'])) return fixedFields(write, fixedOfMessage)
  if (actor.role === 'owner' && isRedacted(row, value, [...fixedOfMessage, 'id'])) return undefined
  return ownRow(write, 'author')
}

function newMessage(write: RowWrite, value: Fields): SessionRefusal | undefined {
  const { key, actor, rows } = write
  const item = rowOf(rows, 'queueItem', key)
  if (item !== undefined && isTakenBy(write, item)) {
    const isSame = fieldsOfItem.every((field) => isSameValue(fieldOf(item, field), fieldOf(value, field)))
    if (isSame && value['role'] === 'user' && value['run'] === undefined) return undefined
  }
  const author = fieldOf(value, 'author')
  if (!isOwn(actor, author)) return inOwnName(write, 'author')
  if (item !== undefined && !isOwn(actor, item['author'])) {
    return refuse(write, 'key-taken', `${quote(item['author'])} has queued a message of this id`)
  }
  const owner = keyOfAnother(key, actor, rows)
  if (owner !== undefined)
    return refuse(write, 'key-taken', `such ids are those of the agent ${quote(owner)}`)
  return actsAsAgent(actor, author) ? messageOfAgent(write, value) : messageOfPerson(write, value)
}

function messageOfAgent(write: RowWrite, value: Fields): SessionRefusal | undefined {
  const { key, rows } = write
  const { author, run } = value
  if (value['role'] !== 'assistant') {
    return refuse(
      write,
      'another-name',
      `an agent writes as "assistant", not as ${quote(value['role'])}`,
      'role',
    )
  }
  if (run === undefined) return undefined
  const row = rowOf(rows, 'run', run)
  // The message of a run that begins stands before the run's row.
  const isItsRun = row === undefined ? isRunIdOf(author, run) : row['agent'] === author
  return isItsRun && run === key
    ? undefined
    : refuse(
        write,
        'unknown-row',
        `${quote(run)} is no run of ${quote(author)} that writes this message`,
        'run',
      )
}

function messageOfPerson(write: RowWrite, value: Fields): SessionRefusal | undefined {
  const { actor, rows } = write
  if (value['run'] !== undefined) {
    return refuse(write, 'role-forbids', 'a run writes the messages of an agent, and of nobody else', 'run')
  }
  const { role } = value
  if (role === 'user' || (role === 'system' && actor.role === 'owner')) return undefined
  // An edit stands in the place of the message that it replaces.
  const branch = rowOf(rows, 'branch', value['branch'])
  const isEdit = branch?.['kind'] === 'edit' && isOwn(actor, branch['by'])
  if (isEdit && rowOf(rows, 'message', branch['from'])?.['role'] === role) return undefined
  return refuse(write, 'another-name', `a person writes as "user", not as ${quote(role)}`, 'role')
}

/** Parts: whoever wrote the message writes them, its run alone those of a run. */
export const partRule: Rule = (write) => {
  const { actor, row, value, rows } = write
  const message = rowOf(rows, 'message', fieldOf(row ?? value ?? {}, 'message'))
  if (value === undefined) {
    // A part without its message is not shown, and belongs to nobody.
    if (row === undefined || message === undefined || actor.role === 'owner') return undefined
    return isOwn(actor, message['author']) ? undefined : notTheAuthor(write, message)
  }
  if (row !== undefined && row['message'] !== value['message']) return fixedFields(write, ['message'])
  if (message === undefined) {
    return refuse(write, 'unknown-row', `there is no message ${quote(value['message'])}`, 'message')
  }
  if (isCutShort(write) || isPartOfItem(write, value)) return undefined
  if (!isOwn(actor, message['author'])) {
    const isRedaction = row !== undefined && isRedacted(row, value, fixedOfPart)
    return actor.role === 'owner' && isRedaction ? undefined : notTheAuthor(write, message)
  }
  return actsAsAgent(actor, message['author']) ? partOfAgent(write, message) : partOfPerson(write, value)
}

const fixedOfPart = ['id', 'message', 'index', 'kind', 'state']

function notTheAuthor(write: RowWrite, message: Fields): SessionRefusal {
  const code = write.row === undefined ? 'another-name' : 'not-yours'
  return refuse(write, code, `the author of its message is ${quote(message['author'])}`)
}

function partOfAgent(write: RowWrite, message: Fields): SessionRefusal | undefined {
  const { key, row, rows, actor } = write
  if (row === undefined) {
    // Such ids are those of the parts of what a participant sends.
    const base = /^(.+)\.\d+$/.exec(key)?.[1]
    const other = rowOf(rows, 'message', base) ?? rowOf(rows, 'queueItem', base)
    if (other !== undefined && !isOwn(actor, other['author'])) {
      return refuse(write, 'key-taken', `such ids are those of parts of the message ${quote(base)}`)
    }
  }
  const run = rowOf(rows, 'run', message['run'])
  if (message['run'] === undefined) return undefined
  const status = run?.['status']
  // The answer to a tool call may come when the run has ended.
  const isGoingOn =
    status === 'running' || status === 'waiting' || (row !== undefined && status !== 'interrupted')
  return isGoingOn
    ? undefined
    : refuse(write, 'run-over', `the run ${quote(message['run'])} is ${quote(status)}`)
}

function partOfPerson(write: RowWrite, value: Fields): SessionRefusal | undefined {
  const { key } = write
  const { message } = value
  if (!key.startsWith(`${String(message)}.`) || !/^\d+$/.test(key.slice(String(message).length + 1))) {
    return refuse(write, 'key-taken', `a part of a message is called after it: "${String(message)}.0"`)
  }
  const field = agentFields.find((each) => fieldOf(value, each) !== undefined)
  if (agentKinds.includes(value['kind']) || field !== undefined) {
    return refuse(write, 'role-forbids', 'tool calls and reasoning are those of agents', field ?? 'kind')
  }
  return value['state'] === 'done'
    ? undefined
    : refuse(write, 'role-forbids', 'what a person writes is "done"; a run streams', 'state')
}

/** Deltas: the run whose part streams. Those of a part that is settled are nobody's, and may be swept by all who write. */
export const deltaRule: Rule = (write) => {
  const { key, row, value, rows, actor } = write
  const id = key.slice(0, key.lastIndexOf(':'))
  const part = rowOf(rows, 'part', id)
  const message = rowOf(rows, 'message', part?.['message'])
  const isItsAgent =
    message !== undefined && isOwn(actor, message['author']) && actsAsAgent(actor, message['author'])
  if (value === undefined) {
    const isSwept = row === undefined || message === undefined || part?.['state'] !== 'streaming'
    return isSwept || isItsAgent || actor.role === 'owner' ? undefined : notTheAuthor(write, message)
  }
  if (message === undefined) return refuse(write, 'unknown-row', `there is no part ${quote(id)}`)
  if (!isItsAgent) return notTheAuthor(write, message)
  if (part?.['state'] !== 'streaming') {
    return refuse(
      write,
      'run-over',
      `the part ${quote(id)} is ${quote(part?.['state'])}, and takes no more text`,
    )
  }
  const status = rowOf(rows, 'run', message['run'])?.['status']
  return status === 'running' || status === 'waiting'
    ? undefined
    : refuse(write, 'run-over', `the run ${quote(message['run'])} is ${quote(status)}`)
}

/** Whether the actor runs an agent that a queued message may be taken by: any, or the one whose run it steers. */
export function isTakenBy({ actor, rows }: Pick<RowWrite, 'actor' | 'rows'>, item: Fields): boolean {
  if (item['mode'] === 'steer') return isOwnAgent(actor, rowOf(rows, 'run', item['run'])?.['agent'])
  return actor.agents.length > 0
}

/** Whether a part is one of a queued message that an agent has just made a message of. */
function isPartOfItem(write: RowWrite, value: Fields): boolean {
  const { key, row, rows } = write
  const item = rowOf(rows, 'queueItem', value['message'])
  if (row !== undefined || item === undefined || !isTakenBy(write, item)) return false
  const parts = Array.isArray(item['parts']) ? (item['parts'] as NewPart[]) : [] // as whoever queued it gave them
  return toPartRows(String(value['message']), parts).some(
    (part) => part.id === key && isSameValue(part, value),
  )
}

/**
 * Whether a part that streams is ended with the text that it has: whoever sees that its holder is gone does so (SPEC A9). An
 * owner, who forks, ends it with the beginning of that, and tool calls that wait for their run.
 */
function isCutShort({ key, row, value, actor, rows }: RowWrite): boolean {
  if (row === undefined || value === undefined) return false
  if (actor.role === 'owner' && isCallCut(row, value)) return true
  if (!sameExcept(row, value, ['state', 'text'])) return false
  const isEnded =
    row['state'] === 'streaming' ? value['state'] === 'interrupted' : row['state'] === value['state']
  if (!isEnded || typeof value['text'] !== 'string') return false
  const text = textOf(key, row, rows)
  if (actor.role === 'owner') return text.startsWith(value['text'])
  return row['state'] === 'streaming' && (isWriter(actor) || actor.role === 'agent') && text === value['text']
}

function isCallCut(row: Fields, value: Fields): boolean {
  return (
    row['kind'] === 'tool-call' &&
    (row['toolState'] === 'awaiting-approval' || row['toolState'] === 'input-available') &&
    sameExcept(row, value, ['state', 'toolState', 'error']) &&
    value['state'] === 'interrupted' &&
    value['toolState'] === 'output-error' &&
    value['error'] === 'interrupted'
  )
}

function textOf(part: string, { text, state }: Fields, rows: RowWrite['rows']): string {
  let whole = typeof text === 'string' ? text : ''
  if (state !== 'streaming') return whole
  for (let index = 0; ; index++) {
    const delta = rowOf(rows, 'delta', `${part}:${index}`)
    if (typeof delta?.['text'] !== 'string') return whole
    whole += delta['text']
  }
}

/** Whether a row is another one with less in it: fields are left out, and texts are `redactedTexts`. */
function isRedacted(row: Fields, value: Fields, fixed: readonly string[]): boolean {
  return [...new Set([...Object.keys(row), ...Object.keys(value)])].every((name) => {
    const given = fieldOf(value, name)
    if (isSameValue(fieldOf(row, name), given)) return true
    if (fixed.includes(name)) return false
    return (
      given === undefined || (name === 'text' && row['text'] !== undefined && redactedTexts.includes(given))
    )
  })
}

/** Whether an id is that of a run of an agent: it begins with the agent's name. */
export function isRunIdOf(agent: unknown, run: unknown): boolean {
  return typeof agent === 'string' && typeof run === 'string' && run.startsWith(`${agent}.`)
}
