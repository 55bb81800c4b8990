import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeUrl } from '@streamdb/log'
import { answerByInspector, inspectorPath, loadInspector } from '../dev/inspector-mount.ts'
import { listen } from '../dev/listen.ts'
import { openInBrowser } from '../dev/open-in-browser.ts'
import { untilStopped } from '../dev/until-stopped.ts'
import { locate, wholeNumber, withStreamOptions } from '../options.ts'
import type { CommonOptions } from '../options.ts'
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
      'Serves the inspector for a stream, prints its address and opens it. The page reads the stream from your browser, so its\n' +
        'server has to allow that (CORS); `streamdb doctor STREAM --origin URL` says whether it does. Ctrl-C ends it.',
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
  const { url } = locate(stream, options)
  const inspector = await loadInspector()
  const server = createServer((message, response) => {
    void answerByInspector(inspector, message, response).then(
      (isAnswered) => {
        if (isAnswered) return
        response
          .writeHead(404, { 'content-type': 'text/plain' })
          .end(`The inspector is at ${inspectorPath}\n`)
      },
      (error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))),
    )
  })
  await listen(server, options.port)
  try {
    // A server on a TCP port has an address of this shape.
    const { port } = server.address() as AddressInfo
    const page = `http://127.0.0.1:${port}${inspectorPath}?${new URLSearchParams({ stream: url }).toString()}`
    if (terminal.json) await terminal.print(JSON.stringify({ page, stream: url }))
    else await terminal.print(`${describeUrl(url)}\n  inspector  ${terminal.colors.cyan(page)}`)
    if (options.open && terminal.isInteractive) openInBrowser(page)
    await untilStopped(terminal.signal)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
