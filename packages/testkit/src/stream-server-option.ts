import { startStreamServer } from '@streamdb/testing'
import { onTestFinished } from 'vitest'

const servers = new Map<string, Promise<string>>()

/**
 * Returns the option that has a program of an example use the stream server of `STREAMDB_SERVER_URL`, under names of its data
 * folder's own; none in a usual run, where it has an embedded one. `lifetime` is told what ends it: with the test by default.
 */
export async function streamServerOption(
  data: string,
  lifetime: (end: () => Promise<void>) => void = onTestFinished,
): Promise<readonly string[]> {
  if (process.env['STREAMDB_SERVER_URL'] === undefined) return []
  let server = servers.get(data)
  if (server === undefined) servers.set(data, (server = start(data, lifetime)))
  return ['--server', await server]
}

async function start(data: string, lifetime: (end: () => Promise<void>) => void): Promise<string> {
  const server = await startStreamServer()
  lifetime(async () => {
    servers.delete(data)
    await server.stop()
  })
  return server.url
}
