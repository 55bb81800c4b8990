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

test(
  '[J3] the job of a worker that is killed, or frozen, is done by another one, and the late worker cannot write',
  { timeout: 90_000 },
  async () => {
    const [one, other] = [largeFolder(), largeFolder()]
    const server = await JobsServer.start(
      ...['--roots', `${one},${other}`, '--workers', '3', '--pace', '200', '--lease', '4000'],
    )
    const stream = new JobStream(server.url + server.description.stream)
    const halfway = async (id: string) =>
      (await stream.job(id, (job) => job.state === 'running' && (job.progress?.done ?? 0) >= 1)).worker ?? ''
    const done = async (id: string) => stream.job(id, (job) => job.state === 'done')

    await stream.start({ id: 'one', path: one }, { id: 'other', path: other })
    const [killed, frozen] = await Promise.all([halfway('one'), halfway('other')])
    shrink(one)
    shrink(other)
    await Promise.all([server.command(killed, 'kill'), server.command(frozen, 'freeze')])
    const [first, second] = await Promise.all([done('one'), done('other')])
    for (const job of [first, second]) {
      expect(job.result).toMatchObject({ files: 3 })
      expect(job.attempt).toBeGreaterThan(1)
      expect([killed, frozen]).not.toContain(job.worker)
    }
    expect(stream.board.worker(killed)).toMatchObject({ state: 'stopped', note: 'Ended by SIGKILL' })
    const texts = stream.board.logsOf('one').map(({ text }) => text)
    expect(texts).toContain(`Worker ${killed} is silent: its lease has ended. The job is queued again`)

    await server.command(frozen, 'thaw')
    await stream.until((board) => board.worker(frozen)?.note === 'Refused: the lease on other had ended')
    expect(stream.board.job('other')).toEqual(second)
    await server.command(killed, 'start')
    await stream.until((board) => board.worker(killed)?.state === 'idle')

    expect((await fetch(`${server.url}/output/nothing.gz`)).status).toBe(404)
    const ended = await server.stop()
    expect(ended).toMatchObject({ code: 0, stderr: '' })
  },
)
