import { files } from './files.mjs'

const kibi = 1024
const mebi = 1024 * kibi
const json = { contentTypes: ['application/json'], closable: false, isFile: false }

/**
 * What pages and agents may do: create sessions, fork them, append to them and delete them; say who is there; store files.
 * What the agents' processes do is told by the server alone.
 * @type {readonly import('@streamdb/example-shared/server').StreamRule[]}
 */
export const streamRules = [
  {
    ...{ ...json, folder: '/stream/', name: /^directory$/, methods: ['GET', 'HEAD', 'POST', 'PUT'] },
    ...{ maxRequestBytes: 300 * kibi, maxStreamBytes: 16 * mebi },
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
  },
  {
    ...{ ...json, folder: '/stream/sessions/', name: /^[\w-]{1,64}\/presence$/ },
    ...{ methods: ['GET', 'HEAD', 'POST', 'PUT'], headers: ['stream-ttl', 'stream-expires-at'] },
    ...{ maxRequestBytes: 64 * kibi, maxStreamBytes: 64 * mebi },
  },
  {
    ...{ folder: '/stream/sessions/', name: /^[\w-]{1,64}\/files\/[\w-]{1,64}$/ },
    ...{ methods: ['GET', 'HEAD', 'POST', 'PUT'], contentTypes: files.types, closable: true, isFile: true },
    ...{ maxRequestBytes: 512 * kibi, maxStreamBytes: files.maxBytes, maxCreated: 1_000 },
  },
]
