// Shows the history of a git repository as a live page: npm start -- [--repo PATH] [--port NUMBER] [--data PATH]

import { claim, release, seeThatItIsFree } from './server/claim.mjs'
import { Importer } from './server/importer.mjs'
import { Log } from './server/log.mjs'
import { readOptions, typedIn } from './server/options.mjs'
import { startPageServer } from './server/page-server.mjs'
import { Refusal } from './server/refusal.mjs'
import { Repository } from './server/repository.mjs'
import { logFolder, startStreamServer } from './server/stream-server.mjs'
import { watch } from './server/watch.mjs'

/**
 * Runs until `signal` says that it is enough.
 * @param {AbortSignal} signal
 */
async function run(signal) {
  const options = readOptions(process.argv.slice(2), typedIn(process.env, process.cwd()))
  const repository = await Repository.open(options.repo)
  const folder = await logFolder(options.data, repository.gitDir)
  await seeThatItIsFree(folder.path, folder.name)

  const streams = await startStreamServer(folder.path)
  const log = new Log(streams.url, folder.path)
  const importer = new Importer(repository, log, signal)
  try {
    await importer.open()
    const page = await startPageServer({ port: options.port, streamServer: streams.url, describe })
    try {
      await claim(folder.path, page.url)
      process.stdout.write(`StreamDB history: ${page.url}\n`)
      await watch(repository, () => importer.update(), signal)
    } finally {
      page.stop()
    }
  } finally {
    await streams.stop()
    await release(folder.path)
  }

  async function describe() {
    const head = await repository.head()
    return {
      ...{
        name: folder.name,
        stream: log.path,
        repository: repository.name,
        branch: await repository.branch(),
        head,
      },
      commits: head === undefined ? 0 : await repository.count(head),
    }
  }
}

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => stop.abort())

try {
  await run(stop.signal)
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`${error instanceof Refusal ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
// What is appended is on the disk. The stream server's last timers need not run out.
process.exit()
