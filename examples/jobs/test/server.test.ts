import { scratchFolder } from '@streamdb/example-shared/testing'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { JobStream } from './job-stream.ts'
import { JobsServer } from './jobs-server.ts'

/** A folder of so many files that a job is in the middle of them for long. */
function largeFolder(): string {
  const root = scratchFolder()
  for (let index = 100; index < 200; index++) writeFileSync(join(root, `${index}.txt`), `file ${index}\n`)
  return root
}

/** Leaves three files: whoever begins with the job now is soon done. */
function shrink(root: string): void {
  for (const name of readdirSync(root).slice(3)) rmSync(join(root, name))
}

test('[J3] the job of a worker that is killed, or frozen, is done by another one, and the late worker cannot write', async () => {
  const [one, other] = [largeFolder(), largeFolder()]
  const server = await JobsServer.start(
    ...['--roots', `${one},${other}`, '--workers', '2', '--pace', '150', '--lease', '1500'],
  )
  const stream = new JobStream(server.url + server.description.stream)
  const halfway = async (id: string) =>
    stream.job(id, (job) => job.state === 'running' && (job.progress?.done ?? 0) >= 1)

  await stream.start({ id: 'killed', path: one })
  const first = (await halfway('killed')).worker ?? ''
  shrink(one)
  await server.command(first, 'kill')
  const done = await stream.job('killed', (job) => job.state === 'done')
  expect(done.result).toMatchObject({ files: 3 })
  expect(done.attempt).toBeGreaterThan(1)
  expect(done.worker).not.toBe(first)
  expect(stream.board.worker(first)).toMatchObject({ state: 'stopped', note: 'Ended by SIGKILL' })
  const texts = stream.board.logsOf('killed').map(({ text }) => text)
  expect(texts).toContain(`Worker ${first} is silent: its lease has ended. The job is queued again`)
  await server.command(first, 'start')
  await stream.until((board) => board.worker(first)?.state === 'idle')

  await stream.start({ id: 'frozen', path: other })
  const frozen = (await halfway('frozen')).worker ?? ''
  shrink(other)
  await server.command(frozen, 'freeze')
  const taken = await stream.job('frozen', (job) => job.state === 'done')
  expect(taken.worker).not.toBe(frozen)
  await server.command(frozen, 'thaw')
  await stream.until((board) => board.worker(frozen)?.note === 'Refused: the lease on frozen had ended')
  expect(stream.board.job('frozen')).toEqual(taken)

  expect((await fetch(`${server.url}/output/nothing.gz`)).status).toBe(404)
  const ended = await server.stop()
  expect(ended).toMatchObject({ code: 0, stderr: '' })
})
