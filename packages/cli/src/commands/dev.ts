import { relative } from 'node:path'
import { openDataFolder } from '../dev/data-folder.ts'
import { inspectorPath, loadInspector } from '../dev/inspector-mount.ts'
import { isLoopback } from '../dev/listen.ts'
import { runBeside } from '../dev/run-beside.ts'
import { startServer } from '../dev/start-server.ts'
import { untilStopped } from '../dev/until-stopped.ts'
import { exitCodes } from '../exit-codes.ts'
import { devPort, wholeNumber } from '../options.ts'
import { examples, runAs } from '../run-command.ts'
import type { AddCommand } from '../run-command.ts'
import type { Terminal } from '../terminal.ts'
import { version } from '../version.ts'

interface DevOptions {
  readonly port: number
  readonly host: string
  readonly data: string
  readonly memory?: boolean | undefined
  readonly allowOrigin?: readonly string[] | undefined
}

/** Adds `streamdb dev`. */
export const addDev: AddCommand = (program, session) => {
  const command = program
    .command('dev')
    .argument('[command...]', 'behind --: a command that runs beside the server, and ends it when it ends')
    .summary('run a stream server here, with the inspector')
    .description(
      'Runs a stream server for development, and the inspector on it. Streams are kept in a folder, so that they are there\n' +
        'the next time. It listens on this machine alone: it has no users and no passwords. Ctrl-C ends it.',
    )
    .option('-p, --port <number>', 'the port; 0 for any free one', wholeNumber(), devPort)
    .option(
      '--host <address>',
      'the address to listen on; others than 127.0.0.1 let other machines in',
      '127.0.0.1',
    )
    .option('-d, --data <folder>', 'where the streams are kept', '.streamdb')
    .option(
      '--allow-origin <origin...>',
      'further sites whose pages may read and write here; those of this machine and its network may',
    )
    .option('--memory', 'keep nothing: the streams are gone at the end')
    .addHelpText(
      'after',
      examples(
        ['streamdb dev', 'On port 4437, with the streams in ./.streamdb'],
        [
          'streamdb dev -- vite',
          'With the development server of an application, which finds it in STREAMDB_SERVER',
        ],
        ['streamdb dev --memory --port 0 --json', 'For a test: any port, nothing kept, the address as JSON'],
      ) +
        '\nThe inspector shows a stream: http://127.0.0.1:4437/_inspector/?stream=http://127.0.0.1:4437/rooms/1\n',
    )
  runAs(command, session, dev)
}

async function dev(terminal: Terminal, beside: readonly string[], options: DevOptions): Promise<number> {
  const { port, host, allowOrigin: allowedOrigins } = options
  const folder = options.memory === true ? undefined : await openDataFolder(options.data)
  const inspector = await loadInspector()
  const server = await startServer({ port, host, dataDir: folder?.path, inspector, allowedOrigins })
  try {
    await folder?.claim(server.url)
    await announce(terminal, server.url, folder?.path)
    if (!isLoopback(host)) {
      const { yellow } = terminal.noteColors
      terminal.note(yellow(`Everybody who reaches ${host} can read and write these streams.`))
    }
    if (beside.length > 0) return await runBeside(beside, server.url, terminal.signal)
    await untilStopped(terminal.signal)
    return exitCodes.ok
  } finally {
    await server.stop()
    await folder?.release()
  }
}

async function announce(terminal: Terminal, url: string, folder: string | undefined): Promise<void> {
  const inspector = `${url}${inspectorPath}`
  if (terminal.json) return terminal.print(JSON.stringify({ url, inspector, data: folder }))
  const { bold, cyan, dim } = terminal.colors
  await terminal.print(
    [
      `${bold('StreamDB')} ${dim(version)}`,
      `  streams    ${cyan(`${url}/`)}`,
      `  inspector  ${cyan(inspector)}`,
      `  data       ${folder === undefined ? 'in memory, gone at the end' : relative('', folder) || folder}`,
    ].join('\n'),
  )
}
