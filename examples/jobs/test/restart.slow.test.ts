import { expectToWithstand, scratchFolder } from '@streamdb/example-shared/testing'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { JobStream } from './job-stream.ts'
import { JobsServer } from './jobs-server.ts'

test('[J3] jobs of a server that was killed, or stopped, are done by the next one; hostile requests are refused', async () => {
  const root = scratchFolder()
  for (let index = 0; index < 60; index++) writeFileSync(join(root, `${index}.txt`), 'two words\n')
  const options = ['--roots', root, '--data', scratchFolder(), '--lease', '4000']
  for (const end of ['kill', 'stop'] as const) {
    const server = await JobsServer.start(...options, '--workers', '1', '--pace', '100')
    const stream = new JobStream(server.url + server.description.stream)
    await stream.start({ id: end })
    await stream.job(end, (job) => (job.progress?.done ?? 0) >= 1)
    await server[end]()
  }
  const server = await JobsServer.start(...options)
  const stream = new JobStream(server.url + server.description.stream)
  for (const id of ['kill', 'stop']) {
    const { attempt, result } = await stream.job(id, (job) => job.state === 'done')
    expect(attempt).toBeGreaterThan(1)
    expect(result).toMatchObject({ files: 60, words: 120 })
  }
  await expectToWithstand(server.url)
})
