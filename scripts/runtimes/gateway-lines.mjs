// Writes and reads through a gateway that runs here: what it makes of a write that its rule allows, and of one that it does not.

import { createStreamHandler } from '@streamdb/server'
import { state } from './state.mjs'

/** Resolves with the line of the stream at `url`, of a stream beside it that is written to and read through a gateway. */
export async function linesThroughGateway(url) {
  const name = `gateway-${Math.random().toString(36).slice(2)}`
  const handler = createStreamHandler({
    state,
    upstream: new URL('.', url).href,
    path: '/streams/',
    authenticate: (request) => ({ id: request.headers.get('authorization') }),
    authorize: ({ event, user }) => event.value.name === user.id,
    authorizeStream: () => true,
  })
  const ask = (method, events) =>
    handler(
      new Request(`https://gateway.example.com/streams/${name}`, {
        method,
        headers: { authorization: 'Ada', 'content-type': 'application/json' },
        ...(events && { body: JSON.stringify(events) }),
      }),
    )
  const user = (name) => ({
    type: 'user',
    key: 'u1',
    value: { id: 'u1', name },
    headers: { operation: 'upsert' },
  })
  const statuses = []
  for (const response of [
    await ask('PUT'),
    await ask('POST', [user('Ada')]),
    await ask('POST', [user('Bob')]),
  ]) {
    await response.text()
    statuses.push(response.status)
  }
  if (statuses.join() !== '201,204,403') return `answered ${statuses.join()}`
  const [{ value, headers }] = await (await ask('GET')).json()
  handler.close()
  return `${value.name}: ${headers.principal === 'Ada' ? 'Hello' : 'no principal'}`
}
