import { connect } from 'node:net'

/** Bytes to send, one after the other; a number waits so many milliseconds in between. */
export type Bytes = readonly (string | Uint8Array | number)[]

/**
 * Sends bytes over a connection of its own, and returns the status of every answer on it: none where the server ended it
 * without one. `hangUp`: ends it after the last byte, without waiting for an answer.
 */
export async function sendRaw(port: number, bytes: Bytes, hangUp = false): Promise<readonly number[]> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A server may end a connection while it is written to.
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const each of bytes) {
    if (socket.destroyed) break
    if (typeof each === 'number') await new Promise((resolve) => setTimeout(resolve, each))
    else if (!socket.write(each))
      await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
  }
  if (hangUp) socket.destroy()
  await closed
  const answer = Buffer.concat(chunks).toString('latin1')
  return [...answer.matchAll(/(?:^|\r\n\r\n|})HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
