import { createStreamDB, dehydrate } from '../../src/index.ts'
import { build } from 'esbuild'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { StrictMode } from 'react'
import { renderToPipeableStream } from 'react-dom/server'
import { optionsOf, Page } from './page.tsx'
import type { PageProps } from './page.tsx'

/** A web server that renders the page of a stream. */
export interface PageServer {
  readonly url: string
  /** Sends the script of the page: until then the page is there, and not hydrated. */
  release: () => void
  close(): void
}

/** Starts a web server whose page shows the stream at `streamUrl`, as it is when it is asked for. */
export async function startPageServer(streamUrl: string): Promise<PageServer> {
  const script = await bundle()
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  const server = createServer((request, response) => {
    if (request.url === '/browser.js') {
      response.setHeader('content-type', 'text/javascript')
      void released.then(() => response.end(script))
    } else if (request.url === '/') {
      render(streamUrl, response).catch((error: unknown) => response.destroy(error as Error)) // nothing else is thrown
    } else {
      response.writeHead(204).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a TCP server
  return {
    url: `http://127.0.0.1:${port}/`,
    release: () => release(),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function render(url: string, response: ServerResponse): Promise<void> {
  const props = await load(url)
  response.setHeader('content-type', 'text/html; charset=utf-8')
  const { pipe } = renderToPipeableStream(
    <html lang="en">
      <head>
        <title>Server rendering</title>
      </head>
      <body>
        <div id="root">
          <StrictMode>
            <Page {...props} />
          </StrictMode>
        </div>
        <script
          id="props"
          type="application/json"
          // Nothing in a row can end the element.
          dangerouslySetInnerHTML={{ __html: JSON.stringify(props).replaceAll('<', '\\u003c') }}
        />
      </body>
    </html>,
    { bootstrapModules: ['/browser.js'], onShellReady: () => pipe(response) },
  )
}

async function load(url: string): Promise<PageProps> {
  const db = createStreamDB({ ...optionsOf(url), live: false })
  await db.preload()
  const stream = dehydrate(db)
  db.close()
  return { url, stream }
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('browser.tsx', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    // React says what does not match only then.
    define: { 'process.env.NODE_ENV': '"development"' },
  })
  return outputFiles.map(({ text }) => text).join('')
}
