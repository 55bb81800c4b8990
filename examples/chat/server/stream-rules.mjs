import { files } from './files.mjs'

/** A transaction. The database groups waiting writes up to 256 KiB, and sends a larger one alone. */
const maxTransactionBytes = 300 * 1024
const maxRoomBytes = 64 * 1024 * 1024
/** What the write gateway accepts. */
export const limits = { bodyBytes: maxTransactionBytes, streamBytes: maxRoomBytes }
/** A piece of a file. */
const maxPieceBytes = 1024 * 1024

/** A room's index of snapshots, a snapshot, and what is written beside it. */
const snapshotName = /^\w{1,64}\.snapshots(?:\.\w{1,64}\.[\w-]{1,64}(?:\.few)?)?$/

/**
 * What pages may do: read rooms and their snapshots, append to rooms, create files, append to them and close them. Nothing is
 * deleted, no room is created or closed. Who may write what in a room is the gateway's to say (`../gateway/room-policy.ts`).
 * @param {NonNullable<import('@streamdb/example-shared/server').StreamRule['handler']>} gateway
 * @param {(authorization: string | undefined) => boolean} isSignedIn
 * @returns {readonly import('@streamdb/example-shared/server').StreamRule[]}
 */
export function streamRules(gateway, isSignedIn) {
  return [
    {
      ...{ folder: '/stream/rooms/', name: /^\w{1,64}$/, methods: ['GET', 'HEAD', 'POST'], isFile: false },
      ...{ contentTypes: ['application/json'], maxRequestBytes: maxTransactionBytes },
      ...{ maxStreamBytes: maxRoomBytes, closable: false, handler: gateway },
    },
    {
      ...{ folder: '/stream/rooms/', name: snapshotName, methods: ['GET', 'HEAD'], isFile: false },
      ...{ contentTypes: ['application/json'], maxRequestBytes: 0, maxStreamBytes: 0, closable: false },
      handler: gateway,
    },
    {
      ...{ folder: '/stream/files/', name: /^[\w-]{1,64}$/, methods: ['GET', 'HEAD', 'POST', 'PUT'] },
      ...{ contentTypes: files.types, maxRequestBytes: maxPieceBytes, maxStreamBytes: files.maxBytes },
      ...{ maxCreated: 1_000, closable: true, isFile: true, mayWrite: isSignedIn },
    },
  ]
}
