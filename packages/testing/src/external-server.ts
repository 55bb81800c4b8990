import { openMappedFront } from './mapped-front.ts'
import type { ServerProcess, StreamServerOptions } from './server-process.ts'

/** A stream server that runs already, from the environment. */
export interface ExternalServer {
  /** Streams can be made at paths that begin with this one's. */
  readonly url: URL
  /** What stops and starts it: `POST restart` there. */
  readonly control: URL | undefined
  /** It knows no folders: a stream's name has no slash. */
  readonly isFlat: boolean
}

/** Returns the server that the environment names, or undefined. */
export function externalServer(
  env: Readonly<Record<string, string | undefined>> = process.env,
): ExternalServer | undefined {
  const { STREAMDB_SERVER_URL: url, STREAMDB_SERVER_CONTROL: control, STREAMDB_SERVER_FLAT: flat } = env
  if (url === undefined || url === '') return undefined
  return {
    url: new URL(url),
    control: control === undefined ? undefined : new URL(control),
    isFlat: flat === '1',
  }
}

let served = 0

/** Gives a test a port and stream names of its own on a server that others use too. */
export async function openExternalServer(
  { url, control, isFlat }: ExternalServer,
  options: StreamServerOptions,
): Promise<ServerProcess> {
  const own = (): string =>
    `t${process.pid.toString(36)}${(++served).toString(36)}${Date.now().toString(36)}-`
  let prefix = own()
  const folder = url.pathname.replace(/\/$/, '')
  const front = await openMappedFront(
    url,
    (path) => {
      const name = path.replace(/^\/+/, '')
      return `${folder}/${prefix}${isFlat ? name.replaceAll(/\/|%2F/gi, '~') : name}`
    },
    options.port,
  )
  return {
    url: front.url,
    get server(): never {
      throw new Error(
        `The server at ${url.href} runs in another process: it has no \`server\` to reach into. ` +
          'Run the test without STREAMDB_SERVER_URL',
      )
    },
    stop: () => front.close(),
    async restart({ keepStreams = false } = {}) {
      await front.close()
      if (control !== undefined) await command(new URL('restart', control))
      // Without files a restart has lost all streams: here they have other names.
      if (options.dataDir === undefined && !keepStreams) prefix = own()
      await front.open()
    },
  }
}

async function command(url: URL): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { connection: 'close' } })
  const text = await response.text()
  if (!response.ok) throw new Error(`POST ${url.href} answered ${response.status}: ${text}`)
}
