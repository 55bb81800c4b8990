import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeUrl } from '@streamdb/log'
import { answerByInspector, inspectorPath, loadInspector } from '../dev/inspector-mount.ts'
import { listen } from '../dev/listen.ts'
import { openInBrowser } from '../dev/open-in-browser.ts'
import { createStreamProxy } from '../dev/stream-proxy.ts'
import { untilStopped } from '../dev/until-stopped.ts'
import { locate, wholeNumber, withStreamOptions } from '../options.ts'
import type { CommonOptions, Location } from '../options.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import type { Terminal } from '../terminal.ts'

interface InspectOptions extends CommonOptions {
  readonly port: number
  readonly open: boolean
}

/** Adds `streamdb inspect`. */
export const addInspect: AddCommand = (program, session) => {
  const command = program
    .command('inspect')
    .summary('look into a stream in the browser')
    .description(
      'Serves the inspector for a stream, prints its address and opens it. Where the stream lies elsewhere, or needs headers, the\n' +
        'page reads it through this command: with the headers, and whatever its server says of CORS. Ctrl-C ends it.',
    )
    .argument('<stream>', 'its URL, or a path on --server')
    .option('-p, --port <number>', 'the port of the page; 0 for any free one', wholeNumber(), 0)
    .option('--no-open', 'print the address alone')
    .addHelpText(
      'after',
      examples(
        ['streamdb inspect rooms/1', 'A stream of `streamdb dev`'],
        [
          'streamdb inspect https://streams.example.com/rooms/1 --no-open',
          'Any stream; open the address yourself',
        ],
      ),
    )
  withStreamOptions(command)
  runAs(command, session, inspect)
}

async function inspect(terminal: Terminal, stream: string, options: InspectOptions): Promise<void> {
  const location = locate(stream, options)
  const { url } = location
  const inspector = await loadInspector()
  const proxy = needsProxy(location) ? createStreamProxy(location) : undefined
  const server = createServer((message, response) => {
    void answer(message, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)))
    })
  })
  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    if ((await proxy?.answer(message, response)) === true) return
    if (await answerByInspector(inspector, message, response)) return
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`The inspector is at ${inspectorPath}\n`)
  }
  await listen(server, options.port)
  try {
    // A server on a TCP port has an address of this shape.
    const { port } = server.address() as AddressInfo
    const origin = `http://127.0.0.1:${port}`
    const shown = proxy === undefined ? url : proxy.urlOn(origin)
    const page = `${origin}${inspectorPath}?${new URLSearchParams({ stream: shown }).toString()}`
    if (terminal.json) await terminal.print(JSON.stringify({ page, stream: url }))
    else await terminal.print(`${describeUrl(url)}\n  inspector  ${terminal.colors.cyan(page)}`)
    if (options.open && terminal.isInteractive) openInBrowser(page)
    await untilStopped(terminal.signal)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** The server of `streamdb dev` lets any page read it. */
function needsProxy({ url, headers }: Location): boolean {
  const { hostname } = new URL(url)
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  return !isHere || Object.keys(headers).length > 0
}
