import type { ProducerSequence, StoredWrite } from '@streamdb/log'

/** What the outbox does next. */
export type Task =
  /** Sends these as one message. `producer`: of a message that may be in the log already. */
  | {
      readonly type: 'send'
      readonly writes: readonly StoredWrite[]
      readonly producer: ProducerSequence | undefined
      /** It may be in the log, by whatever way: the log is read first. */
      readonly mayBeStored: boolean
    }
  /** Runs the function of an action. */
  | { readonly type: 'run'; readonly write: StoredWrite; readonly mayBeStored: boolean }

/** A server may refuse large bodies; what is sent together is of about this size, in characters. */
const MESSAGE_SIZE = 256 * 1024

/**
 * Returns what is to be done next of writes in their order; nothing where all are on their way or refused.
 *
 * A message that may be in the log is sent again as it was, so that the server tells it by its producer and sequence.
 * `isAlone`: of a message that was refused; its writes go one by one, so that only the culprit fails.
 */
export function nextTask(
  writes: Iterable<StoredWrite>,
  isAlone: (write: StoredWrite) => boolean,
): Task | undefined {
  const group: StoredWrite[] = []
  let size = 0
  for (const write of writes) {
    const { state, call } = write
    if (state.name !== 'queued' && state.name !== 'sent') continue
    const [first] = group
    if (call !== undefined) {
      if (first !== undefined) break
      return { type: 'run', write, mayBeStored: state.name === 'sent' }
    }
    size += textOf(write).length
    if (first !== undefined) {
      if (!isTogether(first, write)) break
      // What was one message is sent again as a whole.
      if (first.state.name === 'queued' && (isAlone(first) || isAlone(write) || size > MESSAGE_SIZE)) break
    }
    group.push(write)
  }
  const [first] = group
  if (first === undefined) return undefined
  const { state } = first
  const producer = state.name === 'sent' ? state.producer : undefined
  return { type: 'send', writes: group, producer, mayBeStored: state.name === 'sent' }
}

/** Whether two writes can be one message: both were not sent, or they were sent as one. */
function isTogether({ state: first }: StoredWrite, { state: other }: StoredWrite): boolean {
  if (first.name !== 'sent' || other.name !== 'sent') return first.name === other.name
  const { producer: left } = first
  const { producer: right } = other
  if (left === undefined || right === undefined) return false
  return left.id === right.id && left.epoch === right.epoch && left.seq === right.seq
}

/** Returns the body of a message: the events of all its writes, as one array. */
export function bodyOf(writes: readonly StoredWrite[]): string {
  return `[${writes.map(textOf).join(',')}]`
}

/** Returns how large a write is, in characters of JSON: its events, which never change, and what its action is called with. */
export function lengthOf(write: StoredWrite): number {
  const params = write.call === undefined ? '' : JSON.stringify(write.call)
  return textOf(write).length + params.length
}

// By the events, which are the same ones however far the write has come.
const texts = new WeakMap<readonly unknown[], string>()

function textOf({ events }: StoredWrite): string {
  let text = texts.get(events)
  if (text === undefined) texts.set(events, (text = events.map((event) => JSON.stringify(event)).join(',')))
  return text
}
