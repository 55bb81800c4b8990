// Shows the history of a git repository as a live page: npm start -- [--repo PATH] [--port NUMBER] [--data PATH]

import {
  claim,
  release,
  runUntilStopped,
  seeThatItIsFree,
  startPageServer,
  startStreamServer,
  typedIn,
} from '@streamdb/example-shared/server'
import { fileURLToPath } from 'node:url'
import { Importer } from './server/importer.mjs'
import { logFolder } from './server/log-folder.mjs'
import { Log } from './server/log.mjs'
import { readOptions } from './server/options.mjs'
import { readOnly } from './server/read-only.mjs'
import { Repository } from './server/repository.mjs'
import { watch } from './server/watch.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))

await runUntilStopped(run)

/**
 * Runs until `signal` says that it is enough.
 * @param {AbortSignal} signal
 */
async function run(signal) {
  const options = readOptions(process.argv.slice(2), typedIn(process.env, process.cwd()))
  const repository = await Repository.open(options.repo)
  const folder = await logFolder(options.data, repository.gitDir)
  const is = 'The history of this repository is shown'
  await seeThatItIsFree(folder.path, { document: '/history.json', name: folder.name, is })

  const streams = await startStreamServer(folder.path)
  const log = new Log(streams.url, folder.path)
  const importer = new Importer(repository, log, signal)
  try {
    await importer.open()
    const page = await startPageServer({
      ...{ root, port: options.port, usualPort: 4680, streamServer: streams.url },
      guard: readOnly,
      answers: { '/history.json': describe },
    })
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
