import { DurableStream } from '@durable-streams/client'
import { random } from './random.mjs'

const words = 'a of the token stream reads answer while agents write and people ask for more'.split(' ')

/** Returns tokens as a model gives them: about four and a half characters each. @param {number} count */
export function tokensOf(count, seed = 1) {
  const below = random(seed)
  return Array.from({ length: count }, () => `${words[below(words.length)]} `)
}

/** A message as `session.send` writes it. */
export function messageEvents({ messages, parts }, id, text, role = 'user') {
  const part = { id: `${id}.0`, message: id, index: 0, kind: 'text', state: 'done', text }
  return [
    messages.insert({
      value: { id, role, author: 'ada', createdAt: '2026-01-01T00:00:00.000Z' },
    }),
    parts.insert({ value: part }),
  ]
}

/**
 * What an agent writes of an answer, append by append: its run and its message, the deltas, the part with its whole text, the
 * run's end, and the sweep. `perDelta`: how many tokens one append gathers.
 */
export function answerEvents({ messages, parts, deltas, runs }, id, trigger, { tokens, perDelta }) {
  const run = {
    ...{ id, agent: 'bot', status: 'running', triggers: [trigger], message: id, attempt: 1, epoch: 0 },
    ...{ holder: 'worker/4f0c1d2e-91ab', depth: 0, startedAt: '2026-01-01T00:00:00.000Z' },
  }
  const message = { id, role: 'assistant', author: 'bot', run: id, createdAt: '2026-01-01T00:00:00.000Z' }
  const part = { id: `p-${id}`, message: id, index: 0, attempt: 1, kind: 'text', state: 'streaming' }
  const texts = []
  for (let from = 0; from < tokens.length; from += perDelta)
    texts.push(tokens.slice(from, from + perDelta).join(''))
  const keys = texts.map((_, index) => `${part.id}:${index}`)
  return [
    [messages.insert({ value: message }), runs.upsert({ value: run })],
    [parts.insert({ value: part })],
    ...texts.map((text, index) => [deltas.insert({ key: keys[index], value: { text } })]),
    [parts.update({ value: { ...part, state: 'done', text: tokens.join('') } })],
    [runs.update({ value: { ...run, status: 'done', endedAt: '2026-01-01T00:00:10.000Z' } })],
    keys.map((key) => deltas.delete({ key })),
  ]
}

/** Creates a stream with these events. */
export async function createLog(url, events) {
  await DurableStream.create({ url, contentType: 'application/json', warnOnHttp: false })
  await appendLog(url, events)
}

export async function appendLog(url, events) {
  for (let from = 0; from < events.length; from += 2000) {
    const body = JSON.stringify(events.slice(from, from + 2000))
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
  }
}

/** Returns the bytes of a log from its beginning, as it is read. */
export async function logBytes(url) {
  let offset = '-1'
  let bytes = 0
  for (;;) {
    const response = await fetch(`${url}?offset=${offset}`)
    bytes += (await response.arrayBuffer()).byteLength
    offset = response.headers.get('stream-next-offset') ?? offset
    if (response.headers.has('stream-up-to-date')) return bytes
  }
}
