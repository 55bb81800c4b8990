import { people } from '@streamdb/example-shared/server'

/**
 * A change event of the State Protocol.
 * @typedef {{ readonly type: string, readonly key: string, readonly value: object, readonly headers: object }} Event
 */

const minute = 60_000
const day = 24 * 60 * minute

/**
 * Returns the first events of the lobby.
 * @param {number} now
 */
export function lobby(now) {
  const say = speaker('lobby', now - 50 * minute, 4 * minute)
  const welcome = say(
    'ada',
    'Welcome! This room is one durable stream; every window that shows it reads the same log.',
  )
  const offline = say(
    'grace',
    'Try the connection switch: it cuts this window off. Write something, and switch it on again.',
  )
  const second = say('alan', 'Or open a second window as somebody else. Everybody sees who is typing.')
  const edit = say('grace', 'Messages can be edited, deleted and undone. Ctrl+Z is fine.')
  return [
    ...[...everybody(), welcome, offline, second, edit],
    ...[react(welcome, 'grace', '👋'), react(welcome, 'alan', '👋'), react(offline, 'ada', '👍')],
    ...readUntil(offline),
  ]
}

/** @param {number} now */
export function kitchen(now) {
  const say = speaker('kitchen', now - 3 * 60 * minute, 9 * minute)
  const tea = say('alan', 'The kettle is on.')
  const biscuits = say(
    'ada',
    'There are biscuits, too. Pictures of them are welcome: paste one, or drop it here.',
  )
  return [...everybody(), tea, biscuits, react(biscuits, 'alan', '🎉'), ...readUntil(tea)]
}

/** @param {number} now */
export function archive(now) {
  const total = 10_000
  const say = speaker('archive', now - 90 * day, (90 * day) / total)
  const messages = Array.from({ length: total }, (_, index) =>
    // Some authors write two or three messages in a row.
    say(people[Math.floor(index * 0.618) % people.length]?.id ?? 'ada', sentence(index)),
  )
  const liked = messages.filter((_, index) => index % 23 === 0)
  return [
    ...[...everybody(), ...messages],
    ...liked.map((message, index) => react(message, index % 2 === 0 ? 'ada' : 'alan', '👍')),
    ...messages.slice(-13, -12).flatMap(readUntil),
  ]
}

const openings = [
  'I looked into',
  'Has anybody tried',
  'Here is a note on',
  'Let us come back to',
  'More about',
  'A thought on',
]
const topics = [
  'the loom',
  'the compiler',
  'the halting problem',
  'orbits',
  'semaphores',
  'substitution',
  'trees',
]
const endings = [
  'It went better than expected.',
  'The numbers are in the usual place.',
  'I would rather keep it simple, and I can say why: what is simple is still there in ten years, and somebody who was not here today can read it and mend it without asking any of us.',
  '',
  'Who has time tomorrow?',
]

/** @param {number} index */
function sentence(index) {
  const opening = openings[(index * 7) % openings.length]
  const topic = topics[(index * 5) % topics.length]
  return `${index + 1}. ${opening} ${topic}. ${endings[(index * 3) % endings.length]}`.trim()
}

function everybody() {
  return people.map((person) => event('user', person.id, person))
}

/**
 * Returns a function that creates one message after the other.
 * @param {string} room
 * @param {number} start
 * @param {number} pause
 */
function speaker(room, start, pause) {
  let count = 0
  return (/** @type {string} */ authorId, /** @type {string} */ text) => {
    const sentAt = Math.round(start + pause * count)
    count += 1
    const id = `${room}-${count}`
    return event('message', id, { id, authorId, text, sentAt })
  }
}

/**
 * @param {Event} message
 * @param {string} userId
 * @param {string} emoji
 */
function react({ key: messageId }, userId, emoji) {
  const id = `${messageId}/${userId}/${emoji}`
  return event('reaction', id, { id, messageId, userId, emoji })
}

/** @param {ReturnType<ReturnType<typeof speaker>>} message */
function readUntil({ key: messageId, value: { sentAt } }) {
  return people.map(({ id }) => event('receipt', id, { userId: id, messageId, readUntil: sentAt }))
}

/**
 * @template {object} Value
 * @param {string} type
 * @param {string} key
 * @param {Value} value
 */
function event(type, key, value) {
  return { type, key, value, headers: { operation: 'insert' } }
}
