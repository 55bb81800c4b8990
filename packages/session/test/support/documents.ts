import { YjsServer } from '@durable-streams/y-durable-streams/server'
import { onTestFinished } from 'vitest'
import { sessionServer } from './sessions.ts'

/** A server of documents in front of a stream server. */
export interface DocumentServer {
  /** The URL of its service. */
  readonly url: string
  stop(): Promise<void>
  /** Starts it again at the same address, with nothing in memory. */
  restart(): Promise<void>
}

/** Starts a server of documents; stopped with the test. */
export async function startDocumentServer(streams?: string): Promise<DocumentServer> {
  const dsServerUrl = streams ?? (await sessionServer()).url
  let server = new YjsServer({ dsServerUrl })
  const origin = await server.start()
  const port = Number(new URL(origin).port)
  let isRunning = true
  async function stop(): Promise<void> {
    if (isRunning) await server.stop()
    isRunning = false
  }
  onTestFinished(stop)
  return {
    url: `${origin}/v1/yjs/test`,
    stop,
    async restart() {
      await stop()
      server = new YjsServer({ dsServerUrl, port })
      await server.start()
      isRunning = true
    },
  }
}
