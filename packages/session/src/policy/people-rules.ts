import { mainBranch } from '../branches.ts'
import { actsAsAgent, isOwn } from './actor.ts'
import { isTakenBy } from './message-rules.ts'
import { inOwnName, ownedBy, ownRow, quote, refuse, rowOf } from './row-write.ts'
import type { Rule } from './row-write.ts'
import { sameExcept } from './row-fields.ts'

const ownedBranch = ownedBy('by', ['from', 'parent', 'kind'])
const ownedItem = ownedBy('author', ['mode', 'run'])
const ownedAttachment = ownedBy('by', ['url'])
const ownedDocument = ownedBy('by', ['path'])

/** Branches: in one's own name, from a message that is there. */
export const branchRule: Rule = (write) => {
  const { key, row, value, rows } = write
  // It would hide what everybody sees.
  if (value !== undefined && key === mainBranch) {
    return refuse(write, 'key-taken', 'it is the branch that every session begins with')
  }
  const refusal = ownedBranch(write)
  if (refusal !== undefined || row !== undefined || value === undefined) return refusal
  return rowOf(rows, 'message', value['from']) === undefined
    ? refuse(write, 'unknown-row', `there is no message ${quote(value['from'])}`, 'from')
    : undefined
}

/** Participants: each says who it is, and is what it says. An owner may remove one. */
export const participantRule: Rule = (write) => {
  const { key, row, value, actor } = write
  if (value === undefined) {
    if (row === undefined || actor.role === 'owner' || isOwn(actor, key)) return undefined
    return refuse(write, 'not-yours', 'each participant writes its own row')
  }
  if (!isOwn(actor, key)) return refuse(write, 'another-name', 'each participant writes its own row')
  const kind = actsAsAgent(actor, key) ? 'agent' : 'person'
  return value['kind'] === kind
    ? undefined
    : refuse(write, 'another-name', `it is one of kind "${kind}", not ${quote(value['kind'])}`, 'kind')
}

/** Queued messages: in one's own name. The agent that takes one says so, or deletes it when it has become a message. */
export const queueItemRule: Rule = (write) => {
  const { key, row, value, rows, actor } = write
  const message = rowOf(rows, 'message', key)
  if (value === undefined) {
    const isTaken = row !== undefined && message !== undefined && isTakenBy(write, row)
    return isTaken ? undefined : ownedItem(write)
  }
  const { outcome } = value
  if (row !== undefined && row['outcome'] !== outcome) {
    const isKnown = outcome === 'taken' || outcome === 'late'
    if (isKnown && message !== undefined && isTakenBy(write, row) && sameExcept(row, value, ['outcome'])) {
      return undefined
    }
    return refuse(write, 'role-forbids', 'the agent whose run it steers says what became of it', 'outcome')
  }
  if (row === undefined) {
    if (message !== undefined) return refuse(write, 'key-taken', 'a message has this id')
    if (outcome !== undefined && isOwn(actor, value['author'])) {
      return refuse(write, 'role-forbids', 'the agent whose run it steers says what became of it', 'outcome')
    }
  }
  return ownedItem(write)
}

/** Manifests of what was uploaded: in one's own name, at the place that follows from the id. */
export const attachmentRule: Rule = (write) => {
  const { key, row, value, actor } = write
  if (value === undefined) return ownedAttachment(write)
  if (row === undefined) {
    // Clients send their credentials to where an attachment is.
    const isOwnPlace = value['url'] === `files/${key}`
    return (
      inOwnName(write, 'by') ??
      (isOwnPlace ? undefined : refuse(write, 'key-taken', `its bytes are at "files/${key}"`, 'url'))
    )
  }
  const isMoved = actor.role === 'owner' && sameExcept(row, value, ['url'])
  return isMoved && isSameFile(row['url'], value['url']) ? undefined : ownedAttachment(write)
}

/** Whether a fork says where the bytes of its source are: the same file, in a folder of the same server. */
function isSameFile(before: unknown, now: unknown): boolean {
  if (typeof before !== 'string' || typeof now !== 'string') return false
  const file = /(^|\/)(files\/[^/]+)$/.exec(before)?.[2]
  return file !== undefined && /^(\.\.\/)+/.test(now) && now.endsWith(`/${file}`)
}

/** Shared documents: listed in one's own name. An owner, who forks, says where the fork's are. */
export const documentRule: Rule = (write) => {
  const { row, value, actor } = write
  const isMoved = row !== undefined && value !== undefined && sameExcept(row, value, ['path', 'source'])
  return isMoved && actor.role === 'owner' ? undefined : ownedDocument(write)
}

/** Devices that are there: each in its participant's name. */
export const presenceRule: Rule = (write) => {
  const { row, value, actor } = write
  if (value === undefined) return row === undefined ? undefined : ownRow(write, 'participant')
  // A new stream begins with those who were seen before, and are gone.
  const isPast = row === undefined && value['left'] === true && value['state'] === undefined
  if (isPast && write.type === 'presence') return undefined
  if (row !== undefined && !isOwn(actor, row['participant'])) {
    return refuse(write, 'key-taken', `it is a device of ${quote(row['participant'])}`)
  }
  const refusal = inOwnName(write, 'participant')
  if (refusal !== undefined) return refusal
  const kind = actsAsAgent(actor, value['participant']) ? 'agent' : 'person'
  return value['kind'] === kind
    ? undefined
    : refuse(write, 'another-name', `it is one of kind "${kind}", not ${quote(value['kind'])}`, 'kind')
}

/** Sessions in a directory: those who take part write what happens in them; who listed one, or an owner, the rest. */
export const listedSessionRule: Rule = (write) => {
  const { row, value, actor } = write
  if (value === undefined || row === undefined) return ownedBy('by')(write)
  if (row['url'] !== value['url'] || row['by'] !== value['by']) return ownedBy('by', ['url'])(write)
  if (actor.role === 'owner' || isOwn(actor, row['by'])) return undefined
  const happening = ['messages', 'isRunning', 'participants', 'lastActivity']
  return sameExcept(row, value, happening) ? undefined : ownRow(write, 'by')
}

/** How far a participant has read: its own. */
export const readMarkRule: Rule = (write) => {
  const { key, row, value } = write
  if (row !== undefined) return ownedBy('participant', ['session'])(write)
  if (value === undefined) return undefined
  const isNamed = key === `${String(value['session'])}:${String(value['participant'])}`
  return (
    inOwnName(write, 'participant') ??
    (isNamed ? undefined : refuse(write, 'key-taken', 'a mark is called "session:participant"'))
  )
}
