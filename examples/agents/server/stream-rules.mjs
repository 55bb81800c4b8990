import { files } from './files.mjs'

const kibi = 1024
const mebi = 1024 * kibi
const json = { contentTypes: ['application/json'], closable: false, isFile: false }

/** @typedef {NonNullable<import('@streamdb/example-shared/server').StreamRule['handler']>} Handler */

/** What the write gateways accept. */
export const limits = { bodyBytes: 300 * kibi, streamBytes: 64 * mebi }

/**
 * What pages and agents may do: create sessions, fork them, append to them and delete them; say who is there; store files.
 * What the agents' processes do is told by the server alone.
 * Who may write what is the gateways' to say (`../gateway/session-gateway.ts`).
 * @param {{ readonly sessions: Handler, readonly directory: Handler }} gateways
 * @param {(authorization: string | undefined) => boolean} isSignedIn
 * @returns {readonly import('@streamdb/example-shared/server').StreamRule[]}
 */
export const streamRules = ({ sessions, directory }, isSignedIn) => [
  {
    ...{ ...json, folder: '/stream/', name: /^directory$/, methods: ['GET', 'HEAD', 'POST', 'PUT'] },
    ...{ maxRequestBytes: 300 * kibi, maxStreamBytes: 16 * mebi, handler: directory },
  },
  {
    ...{ ...json, folder: '/stream/', name: /^processes$/, methods: ['GET', 'HEAD'] },
    ...{ maxRequestBytes: 0, maxStreamBytes: 0 },
  },
  {
    ...{ ...json, folder: '/stream/sessions/', name: /^[\w-]{1,64}$/ },
    ...{ methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] },
    ...{ maxRequestBytes: 300 * kibi, maxStreamBytes: 64 * mebi, maxCreated: 1_000 },
    headers: ['stream-forked-from', 'stream-fork-offset'],
    handler: sessions,
  },
  {
    ...{ ...json, folder: '/stream/sessions/', name: /^[\w-]{1,64}\/presence$/ },
    ...{ methods: ['GET', 'HEAD', 'POST', 'PUT'], headers: ['stream-ttl', 'stream-expires-at'] },
    ...{ maxRequestBytes: 64 * kibi, maxStreamBytes: 64 * mebi, handler: sessions },
  },
  {
    ...{ folder: '/stream/sessions/', name: /^[\w-]{1,64}\/files\/[\w-]{1,64}$/ },
    ...{ methods: ['GET', 'HEAD', 'POST', 'PUT'], contentTypes: files.types, closable: true, isFile: true },
    ...{ maxRequestBytes: 512 * kibi, maxStreamBytes: files.maxBytes, maxCreated: 1_000 },
    mayWrite: isSignedIn,
  },
]
