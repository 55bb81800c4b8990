import { decodeStateEvent, MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { expect, test } from 'vitest'
import { History } from '../server/history.mjs'
import { Repository } from '../server/repository.mjs'
import { ScratchRepository } from './scratch-repository.ts'

/** Returns the transactions that tell the history of `scratch`. */
async function transactionsOf(scratch: ScratchRepository): Promise<StateEvent[][]> {
  const repository = await Repository.open(scratch.path)
  const history = new History()
  const transactions: StateEvent[][] = []
  for await (const commit of repository.commits(scratch.head(), undefined, new AbortController().signal)) {
    const events = history.record(commit)
    for (const event of events) expect(decodeStateEvent(event)).toBe(event)
    transactions.push(events)
  }
  return transactions
}

async function stateOf(scratch: ScratchRepository): Promise<MaterializedState> {
  const state = new MaterializedState()
  for (const transaction of await transactionsOf(scratch)) state.applyBatch(transaction)
  return state
}

/** Describes a transaction: `insert commit`, `update file a.ts`, ... */
function told(transaction: readonly StateEvent[]): string[] {
  return transaction.map((event) => {
    if (!('type' in event)) return String(event.headers.control)
    return `${event.headers.operation} ${event.type}${event.type === 'file' ? ` ${event.key}` : ''}`
  })
}

test('a commit is one transaction: the commit, its author, its files', async () => {
  const scratch = new ScratchRepository()
  const id = scratch.commit('Say hello', { 'a.ts': '1', 'b.ts': '1' })

  const [transaction = []] = await transactionsOf(scratch)
  const headers = { operation: 'insert', txid: id, timestamp: '2026-01-01T00:01:00.000Z' }
  const author = expect.stringMatching(/^[0-9a-f]{12}$/)
  expect(transaction).toEqual([
    {
      ...{ type: 'commit', key: id, headers },
      value: {
        ...{ id, authorId: author, subject: 'Say hello', committedAt: headers.timestamp },
        ...{ filesChanged: 2, files: ['a.ts', 'b.ts'], position: 1 },
      },
    },
    {
      ...{ type: 'author', key: author, headers },
      value: { id: author, name: 'User One', commits: 1, lastCommitAt: headers.timestamp },
    },
    { type: 'file', key: 'a.ts', value: { path: 'a.ts', lastCommitId: id, changes: 1 }, headers },
    { type: 'file', key: 'b.ts', value: { path: 'b.ts', lastCommitId: id, changes: 1 }, headers },
  ])
})

test('a changed file is an update, a removed one a delete, a renamed one a delete and an insert', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('one', { 'a.ts': '1', 'b.ts': '1', 'c.ts': '1' })
  const id = scratch.commit('two', { 'a.ts': '2', 'b.ts': undefined })
  scratch.git('mv', 'c.ts', 'd.ts')
  scratch.commit('three')

  const [, second = [], third = []] = await transactionsOf(scratch)
  expect(told(second)).toEqual(['insert commit', 'update author', 'update file a.ts', 'delete file b.ts'])
  expect(second[2]).toMatchObject({ value: { lastCommitId: id, changes: 2 } })
  expect(second[3]).not.toHaveProperty('value')
  expect(told(third).slice(2).sort()).toEqual(['delete file c.ts', 'insert file d.ts'])
})

test('records an empty commit, one without a subject, and one without an e-mail address', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('nothing')
  scratch.commit('', {}, '--allow-empty-message')
  scratch.commit('nobody', {}, '--author', 'Nobody <>')

  const state = await stateOf(scratch)
  expect([...state.getType<{ subject: string }>('commit').values()].map(({ subject }) => subject)).toEqual([
    ...['nothing', '', 'nobody'],
  ])
  expect(state.getType('author').size).toBe(2)
})

test('identifies authors by their e-mail address, which is not in the log', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('one', {}, '--author', 'User One <one@example.invalid>')
  scratch.commit('two', {}, '--author', 'User I <ONE@example.invalid>')
  scratch.commit('three', {}, '--author', 'User I <two@example.invalid>')

  const transactions = await transactionsOf(scratch)
  const state = new MaterializedState()
  state.applyBatch(transactions.flat())
  expect([...state.getType('author').values()]).toMatchObject([
    { name: 'User I', commits: 2 },
    { name: 'User I', commits: 1 },
  ])
  expect(JSON.stringify(transactions)).not.toContain('example.invalid')
})

test('keeps unusual file names unchanged', async () => {
  const names = [
    'with space',
    'new\nline',
    'tab\t"quote"',
    'ünï cödé',
    '__proto__',
    'constructor',
    'A',
    'commit',
    '-',
  ]
  const scratch = new ScratchRepository()
  scratch.commit(
    'odd',
    Object.fromEntries(names.map((name) => [`${name}/${name}`, '1']).concat([['D', '1']])),
  )

  const state = await stateOf(scratch)
  expect([...state.getType('file').keys()].sort()).toEqual(scratch.paths())
  expect(state.getType('file').size).toBe(names.length + 1)
})

test('bytes that are not UTF-8 are accepted, and stay distinct', async () => {
  const scratch = new ScratchRepository()
  const blob = scratch.git('hash-object', '-w', '--stdin')
  const files = [0xe9, 0xe8].map((byte) => [Buffer.from(`100644 blob ${blob}\t`), Buffer.from([byte, 0])])
  const tree = scratch.pipe(['mktree', '-z'], Buffer.concat(files.flat()))
  const who = 'User One <one@example.invalid> 1767225600 +0000'
  const text = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\ncaf\xe9\n`
  const id = scratch.pipe(['hash-object', '-t', 'commit', '-w', '--stdin'], Buffer.from(text, 'latin1'))
  scratch.git('update-ref', 'HEAD', id)

  const state = await stateOf(scratch)
  expect([...state.getType('file').keys()].sort()).toEqual(['\\xe8', '\\xe9'])
  expect(state.get<{ subject: string }>('commit', id)?.subject).toMatch(/^caf/)
})

test('a merge changes only what differs from all of its parents', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('base', { 'both.ts': '1', 'main.ts': '1' })
  scratch.git('checkout', '--quiet', '-b', 'side')
  const side = scratch.commit('side', { 'side.ts': '1', 'both.ts': 'side' })
  scratch.git('checkout', '--quiet', 'main')
  scratch.commit('main', { 'main.ts': '2', 'both.ts': 'main' })
  expect(() => scratch.merge(['side'])).toThrow()
  const merge = scratch.commit('Merge', { 'both.ts': 'side and main' })

  const transactions = await transactionsOf(scratch)
  expect(told(transactions.at(-1) ?? [])).toEqual(['insert commit', 'update author', 'update file both.ts'])
  expect(transactions.at(-1)?.[0]).toMatchObject({ value: { id: merge, filesChanged: 1 } })
  const state = await stateOf(scratch)
  expect(state.get('file', 'side.ts')).toMatchObject({ lastCommitId: side })
})

test('the files are those of HEAD, however the branches differ', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('base', { a: '1', b: '1', c: '1', d: '1' })
  for (const [branch, files] of [
    ['one', { a: undefined, b: '2', e: '1' }],
    ['two', { c: undefined, d: '2', f: '1' }],
    ['three', { g: '1' }],
  ] as const) {
    scratch.git('checkout', '--quiet', '-b', branch, 'main')
    scratch.commit(branch, files)
  }
  scratch.git('checkout', '--quiet', 'main')
  scratch.commit('main', { a: '3', b: undefined, c: '3' })
  expect(() => scratch.merge(['one'])).toThrow()
  scratch.git('checkout', 'main', '--', 'a') // kept, though `one` removed it
  scratch.git('rm', '--quiet', '--force', 'b') // removed, though `one` changed it
  scratch.commit('Merge one')
  scratch.merge(['two'], '--strategy=ours')
  scratch.merge(['three'])

  const transactions = await transactionsOf(scratch)
  expect(transactions).toHaveLength(8)
  const state = new MaterializedState()
  state.applyBatch(transactions.flat())
  expect([...state.getType('file').keys()].sort()).toEqual(scratch.paths())
  expect(scratch.paths()).toEqual(['a', 'c', 'd', 'e', 'g'])
})

test('parents come before their children, and positions are consecutive', async () => {
  const scratch = new ScratchRepository()
  scratch.commit('base')
  for (const branch of ['one', 'two']) scratch.git('branch', branch)
  for (const round of ['first', 'second']) {
    for (const branch of ['one', 'two']) {
      scratch.git('checkout', '--quiet', branch)
      scratch.commit(`${round} of ${branch}`, { [branch]: round })
    }
  }
  scratch.git('checkout', '--quiet', 'main')
  scratch.merge(['one', 'two'])

  const commits = (await transactionsOf(scratch)).map(([commit]) => commit)
  expect(commits.map((commit) => commit !== undefined && 'type' in commit && commit.value)).toMatchObject([
    { position: 1, subject: 'base' },
    { position: 2, subject: 'first of one' },
    { position: 3, subject: 'first of two' },
    { position: 4, subject: 'second of one' },
    { position: 5, subject: 'second of two' },
    { position: 6, subject: 'Merge one and two' },
  ])
})
