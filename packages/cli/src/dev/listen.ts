import type { Server } from 'node:http'
import { CliError } from '../cli-error.ts'

const loopback = '127.0.0.1'

/** Lets a server listen on loopback. Throws `port-in-use`. */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(toListenError(cause, port, loopback)))
    server.listen(port, loopback, resolve)
  })
}

/** Returns why a server cannot listen, with what to do about it. */
export function toListenError(cause: NodeJS.ErrnoException, port: number, host: string): Error {
  if (cause.code === 'EADDRINUSE') {
    return new CliError('port-in-use', `The port ${port} on ${host} is taken`, {
      cause,
      remedy: 'Another `streamdb dev` may run already; or pass --port 0 for any free one',
    })
  }
  if (
    cause.code === 'EACCES' ||
    cause.code === 'EADDRNOTAVAIL' ||
    cause.code === 'ENOTFOUND' ||
    port > 65_535
  ) {
    return new CliError(
      'usage',
      `The address ${host}, port ${port}, cannot be listened on: ${cause.message}`,
      { cause },
    )
  }
  return cause
}

/** Tells whether no other machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
