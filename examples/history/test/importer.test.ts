import { scratchFolder } from '@streamdb/example-shared/testing'
import { MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Importer } from '../server/importer.mjs'
import { Repository } from '../server/repository.mjs'
import { ScratchRepository } from './scratch-repository.ts'

type Events = readonly StateEvent[]

/** A log in memory, append by append. */
class MemoryLog {
  appends: Events[] = []

  async open(): Promise<void> {}

  async renew(): Promise<void> {
    this.appends = []
  }

  async append(events: readonly object[]): Promise<void> {
    // The tests of the generator decode them.
    this.appends.push(events as Events)
  }

  async read(): Promise<never[]> {
    // What was appended by an importer is what an importer reads.
    return this.appends.flat() as never[]
  }

  state(): MaterializedState {
    const state = new MaterializedState()
    state.applyBatch(this.appends.flat())
    return state
  }
}

async function importerOf(path: string, log: MemoryLog): Promise<Importer> {
  const importer = new Importer(await Repository.open(path), log, new AbortController().signal)
  await importer.open()
  return importer
}

function scratchWith(commits: number): ScratchRepository {
  const scratch = new ScratchRepository()
  for (let number = 1; number <= commits; number += 1)
    scratch.commit(`commit ${number}`, { file: String(number) })
  return scratch
}

/** Expects what must hold after every update: the log has HEAD's commits, and the files of its tree. */
function expectToTell(log: MemoryLog, scratch: ScratchRepository): void {
  const commits = scratch.git('rev-list', 'HEAD').split('\n')
  expect([...log.state().getType('commit').keys()].sort()).toEqual(commits.sort())
  expect([...log.state().getType('file').keys()].sort()).toEqual(scratch.paths())
}

test('appends a new commit, and nothing else', async () => {
  const scratch = scratchWith(2)
  const log = new MemoryLog()
  const importer = await importerOf(scratch.path, log)
  await importer.update()
  await importer.update()
  expect(log.appends).toHaveLength(1)

  const id = scratch.commit('three', { file: 'three' })
  await importer.update()
  expect(log.appends[1]?.map((event) => event.headers['txid'])).toEqual([id, id, id])
  expectToTell(log, scratch)
})

test('another run resumes from the log', async () => {
  const scratch = scratchWith(2)
  const log = new MemoryLog()
  await (await importerOf(scratch.path, log)).update()
  scratch.commit('three', { file: 'three' })
  await (await importerOf(scratch.path, log)).update()

  expect(log.appends).toHaveLength(2)
  expect(log.appends[1]).toMatchObject([
    { value: { position: 3 } },
    { value: { commits: 3 }, headers: { operation: 'update' } },
    { value: { changes: 3 }, headers: { operation: 'update' } },
  ])
  await (await importerOf(scratch.path, log)).update()
  expect(log.appends).toHaveLength(2)
})

test('appends a large import in parts of whole transactions', async () => {
  const scratch = new ScratchRepository()
  for (let number = 1; number <= 4; number += 1) {
    const names = Array.from({ length: 900 }, (_, index) => `${number}/${index}`)
    scratch.commit(`commit ${number}`, Object.fromEntries(names.map((name) => [name, '1'])))
  }
  const log = new MemoryLog()
  await (await importerOf(scratch.path, log)).update()

  expect(log.appends.length).toBeGreaterThan(1)
  const parts = log.appends.map((events) => new Set(events.map((event) => event.headers['txid'])))
  expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(4)
  expectToTell(log, scratch)
})

test.each([
  [
    'an amended commit',
    (scratch: ScratchRepository) => scratch.commit('amended', { file: 'other' }, '--amend'),
  ],
  ['a shorter history', (scratch: ScratchRepository) => scratch.git('reset', '--quiet', '--hard', 'HEAD~1')],
  [
    'another branch',
    (scratch: ScratchRepository) => {
      scratch.git('checkout', '--quiet', '-b', 'side', 'HEAD~1')
      scratch.commit('side', { side: '1' })
    },
  ],
  [
    'an unrelated history',
    (scratch: ScratchRepository) => {
      scratch.git('checkout', '--quiet', '--orphan', 'other')
      scratch.commit('other', { other: '1' })
    },
  ],
])('%s is told after a reset, in one append', async (_, rewrite) => {
  const scratch = scratchWith(3)
  const log = new MemoryLog()
  const importer = await importerOf(scratch.path, log)
  await importer.update()
  rewrite(scratch)
  await importer.update()

  expect(log.appends).toHaveLength(2)
  expect(log.appends[1]?.[0]).toEqual({ headers: { control: 'reset' } })
  expectToTell(log, scratch)

  // The next run starts a log without the void part.
  await (await importerOf(scratch.path, log)).update()
  expect(log.appends).toHaveLength(1)
  expectToTell(log, scratch)
})

test('repeats an interrupted import of parallel branches', async () => {
  const scratch = scratchWith(1)
  scratch.git('branch', 'side')
  scratch.commit('main', { main: '1' })
  scratch.git('checkout', '--quiet', 'side')
  scratch.commit('side', { side: '1' })
  scratch.git('checkout', '--quiet', 'main')
  scratch.merge(['side'])
  const whole = new MemoryLog()
  await (await importerOf(scratch.path, whole)).update()

  const events = whole.appends.flat()
  for (const { headers } of events) {
    const log = new MemoryLog()
    const end = events.map((event) => event.headers['txid']).lastIndexOf(headers['txid'])
    await log.append(events.slice(0, end + 1))
    await (await importerOf(scratch.path, log)).update()
    expectToTell(log, scratch)
  }
})

test('imports a shallow clone, and all of it when it is deepened', async () => {
  const origin = scratchWith(4)
  const path = scratchFolder()
  origin.git('clone', '--quiet', '--depth=2', `file://${origin.path}`, path)
  const clone = new ScratchRepository(path)
  const log = new MemoryLog()
  await (await importerOf(path, log)).update()
  expect(log.state().getType('commit').size).toBe(2)
  expectToTell(log, clone)

  clone.git('fetch', '--quiet', '--unshallow')
  await (await importerOf(path, log)).update()
  expect(log.state().getType('commit').size).toBe(4)
  expectToTell(log, clone)
})

test('follows the HEAD of a second working tree', async () => {
  const scratch = scratchWith(2)
  const path = join(scratchFolder(), 'beside')
  scratch.git('worktree', 'add', '--quiet', '-b', 'beside', path)
  const beside = new ScratchRepository(path)
  beside.commit('beside', { beside: '1' })
  const log = new MemoryLog()
  await (await importerOf(path, log)).update()
  expect(log.state().getType('commit').size).toBe(3)
  expectToTell(log, beside)
})

test('ignores the git settings of the user', async () => {
  const scratch = scratchWith(1)
  const settings = {
    ...{
      'log.diffMerges': 'off',
      'log.showRoot': 'false',
      'log.showSignature': 'true',
      'log.date': 'relative',
    },
    ...{
      'diff.renames': 'copies',
      'diff.relative': 'true',
      'color.ui': 'always',
      'safe.bareRepository': 'explicit',
    },
    ...{
      'i18n.logOutputEncoding': 'latin1',
      'format.pretty': 'raw',
      'core.quotePath': 'true',
      'log.follow': 'true',
    },
  }
  for (const [name, value] of Object.entries(settings)) scratch.git('config', name, value)
  scratch.git('checkout', '--quiet', '-b', 'side')
  scratch.commit('ünï', { 'ü/a': '1' })
  scratch.git('checkout', '--quiet', 'main')
  scratch.commit('main', { b: '1' })
  scratch.merge(['side'])
  const log = new MemoryLog()
  await (await importerOf(scratch.path, log)).update()
  expectToTell(log, scratch)
  expect(JSON.stringify(log.appends)).toContain('"subject":"ünï"')
})

test('a branch without commits does not change the log', async () => {
  const scratch = scratchWith(2)
  const log = new MemoryLog()
  const importer = await importerOf(scratch.path, log)
  await importer.update()
  scratch.git('checkout', '--quiet', '--orphan', 'empty')
  await importer.update()
  expect(log.appends).toHaveLength(1)

  scratch.git('checkout', '--quiet', '--force', '--detach', 'main')
  scratch.commit('detached')
  await importer.update()
  expectToTell(log, scratch)
})
