import { expectToWithstand, scratchFolder } from '@streamdb/example-shared/testing'
import { eventually } from '@streamdb/testkit'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { commitsOf, eventsOf, RunningServer, streamOf } from './running-server.ts'
import { ScratchRepository } from './scratch-repository.ts'

vi.setConfig({ testTimeout: 60_000 })

const soon = { timeout: 5_000 }
const patient = { timeout: 20_000 }

/** Runs the server until it ends by itself. */
async function refusal(options: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout, stderr } = await new RunningServer(options, env).ended
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).not.toMatch(/^\s+at /m)
  return stderr
}

test('refuses a folder that is not a repository, and says how to name another', async () => {
  const folder = scratchFolder()
  expect(await refusal(['--repo', folder])).toBe(
    `${folder} is not a git repository.\nChoose another repository with: npm start -- --repo PATH\n`,
  )
  expect(await refusal(['--repo', join(folder, 'absent')])).toMatch(
    /is not a folder\.\n.*npm start -- --repo PATH/,
  )
})

test('refuses a repository without commits, and says how to name another', async () => {
  const stderr = await refusal(['--repo', new ScratchRepository().path])
  expect(stderr).toMatch(/has no commits yet\.\n.*npm start -- --repo PATH/)
})

test('says that git is missing', async () => {
  const env = { ...process.env, PATH: scratchFolder() }
  expect(await refusal([], env)).toMatch(/^git was not found/)
})

test('refuses invalid options', async () => {
  expect(await refusal(['--port', 'high'])).toMatch(/"high"\nUsage: npm start -- \[--repo PATH\]/)
  expect(await refusal(['--reop', '.'])).toMatch(/'--reop'[^]*Usage: /)
})

test('refuses a port in use when it was asked for', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('one')
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  expect(await refusal(['--repo', scratch.path, '--data', scratchFolder(), '--port', port])).toContain(
    `Port ${port} cannot be used`,
  )
  other.close()
})

test('serves the page, its description, and the log, read only', async () => {
  const scratch = new ScratchRepository()
  const head = scratch.commit('one', { a: '1' })
  const { url } = await RunningServer.start(scratch.path, scratchFolder())

  expect(await (await fetch(url)).text()).toContain('<div id="root">')
  const shown: unknown = await (await fetch(`${url}/history.json`)).json()
  expect(shown).toMatchObject({ branch: 'main', head, commits: 1 })
  await eventually(async () => expect(await eventsOf(url)).toHaveLength(3), patient)
  for (const method of ['POST', 'PUT', 'DELETE']) {
    expect((await fetch(await streamOf(url), { method })).status).toBe(405)
  }
})

test('appends new and amended commits within seconds, with packed references too', async () => {
  const scratch = new ScratchRepository()
  const one = scratch.commit('one', { a: '1' })
  const { url } = await RunningServer.start(scratch.path, scratchFolder())
  await eventually(async () => expect(await commitsOf(url)).toEqual([one]), patient)

  const two = scratch.commit('two', { a: '2' })
  await eventually(async () => expect(await commitsOf(url)).toEqual([one, two]), soon)
  const amended = scratch.commit('too', { a: '2' }, '--amend')
  await eventually(async () => expect(await commitsOf(url)).toEqual([one, amended]), soon)
  scratch.git('pack-refs', '--all')
  const three = scratch.commit('three', { a: '3' })
  await eventually(async () => expect(await commitsOf(url)).toEqual([one, amended, three]), soon)
})

test('resumes its log after a stop and after a kill, without duplicates', async () => {
  const scratch = new ScratchRepository()
  const data = scratchFolder()
  const ids = [scratch.commit('one', { a: '1' })]
  for (const end of ['stop', 'kill'] as const) {
    const server = await RunningServer.start(scratch.path, data)
    await eventually(async () => expect(await commitsOf(server.url)).toEqual(ids), patient)
    await server[end]()
    ids.push(scratch.commit(`after a ${end}`, { a: end }))
  }
  const { url } = await RunningServer.start(scratch.path, data)
  await eventually(async () => expect(await commitsOf(url)).toEqual(ids), patient)
  expect(await eventsOf(url)).toHaveLength(3 * ids.length)
})

test('stops at once while pages are reading, and prints one line in total', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('one')
  const server = await RunningServer.start(scratch.path, scratchFolder())
  const stream = await streamOf(server.url)
  const read = (live: string) => fetch(`${stream}?offset=now&live=${live}`)
  const polls = [read('long-poll'), read('long-poll')].map((poll) => poll.catch(() => undefined))
  const events = (await read('sse')).text().catch(() => undefined)
  await eventually(async () => expect(await commitsOf(server.url)).toHaveLength(1), patient)
  const { code, stdout, stderr } = await server.stop()
  await Promise.all([...polls, events])

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^StreamDB history: http:\/\/127\.0\.0\.1:\d+\n$/)
})

test('refuses a second server for the same repository, and names the address of the first', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('one')
  const data = scratchFolder()
  const server = await RunningServer.start(scratch.path, data)
  expect(await refusal(['--repo', scratch.path, '--data', data])).toContain(server.url)
})

test('shows the repository of a folder inside it, and a bare repository', async () => {
  const scratch = new ScratchRepository()
  const id = scratch.commit('one', { 'folder/a': '1' })
  const bare = join(scratchFolder(), 'bare.git')
  scratch.git('clone', '--quiet', '--bare', scratch.path, bare)
  for (const path of [join(scratch.path, 'folder'), bare]) {
    const { url } = await RunningServer.start(path, scratchFolder())
    await eventually(async () => expect(await commitsOf(url)).toEqual([id]), patient)
  }
})

test('[F-real-82] [F-real-83] hostile request targets, hosts and methods are refused, and the server still answers', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('one')
  const { url } = await RunningServer.start(scratch.path, scratchFolder())
  await expectToWithstand(url)
})
