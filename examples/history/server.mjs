// Shows the history of a git repository as a live page: npm start -- [--repo PATH] [--port NUMBER] [--data PATH]

import { invocationFolder, runUntilStopped, serveExample } from '@streamdb/example-shared/server'
import { fileURLToPath } from 'node:url'
import { Importer } from './server/importer.mjs'
import { logFolder } from './server/log-folder.mjs'
import { Log } from './server/log.mjs'
import { readOptions } from './server/options.mjs'
import { Repository } from './server/repository.mjs'
import { streamRules } from './server/stream-rules.mjs'
import { watch } from './server/watch.mjs'

await runUntilStopped(async (signal) => {
  const { port, data, repo, home } = readOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
  )
  const repository = await Repository.open(repo)
  const { path: folder, name } = await logFolder(data, repository.gitDir)
  /** @type {{ log: Log, importer: Importer } | undefined} */
  let opened

  await serveExample({
    ...{
      label: 'StreamDB history',
      root: fileURLToPath(new URL('.', import.meta.url)),
      port,
      usualPort: 4680,
    },
    ...{ folder, streamsFolder: folder, rules: streamRules },
    identity: { document: '/history.json', name, description: 'The history of this repository is shown' },
    documents: { '/history.json': describe },
    prepare: async (streams) => {
      const log = new Log(streams, folder)
      const importer = new Importer(repository, log, signal)
      await importer.open()
      opened = { log, importer }
    },
    run: async () => watch(repository, async () => opened?.importer.update(), signal),
  })

  async function describe() {
    const head = await repository.head()
    return {
      ...{ name, stream: opened?.log.path, repository: repository.name, branch: await repository.branch() },
      ...{ head, home, commits: head === undefined ? 0 : await repository.count(head) },
    }
  }
})
