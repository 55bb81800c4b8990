import { startStreamServer } from '@streamdb/testkit'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { History } from '../server/history.mjs'
import { openDatabase } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { createFilesLeft, createViews } from '../src/views.ts'
import type { CommitView } from '../src/views.ts'

const author = fc.nat({ max: 3 })
const paths = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.boolean(), { maxKeys: 4 })

/** Turns generated values into commits as git prints them; `present` lists the paths that exist after a commit. */
function commitsOf(drawn: readonly { author: number; paths: Record<string, boolean> }[]) {
  return drawn.map((each, index) => ({
    id: `commit-${index}`,
    parents: index === 0 ? [] : [`commit-${index - 1}`],
    authorName: `User ${each.author}`,
    authorEmail: `${each.author}@example.invalid`,
    committedAt: '2026-01-01T00:00:00Z',
    subject: `Commit ${index}`,
    paths: new Map(Object.entries(each.paths).map(([path, present]) => [path, { present, differs: 1 }])),
  }))
}

type DrawnCommit = ReturnType<typeof commitsOf>[number]

/** The expected list, newest first, computed without queries. */
function expectedCommits(commits: readonly DrawnCommit[]) {
  const lastTouch = new Map<string, string>()
  for (const { id, paths: touched } of commits) {
    for (const [path, { present }] of touched) {
      if (present) lastTouch.set(path, id)
      else lastTouch.delete(path)
    }
  }
  return [...commits].reverse().map(({ id, authorName, subject, paths: touched }) => ({
    ...{ id, authorName, subject, filesChanged: touched.size },
    filesLeft: [...lastTouch.values()].filter((last) => last === id).length,
  }))
}

function expectedAuthors(commits: readonly DrawnCommit[]) {
  const counts = new Map<string, number>()
  for (const { authorName } of commits) counts.set(authorName, (counts.get(authorName) ?? 0) + 1)
  return [...counts]
    .map(([name, count]) => ({ name, commits: count }))
    .sort((a, b) => b.commits - a.commits || a.name.localeCompare(b.name))
}

function shown({ id, authorName, subject, filesChanged }: CommitView, { files }: Database['collections']) {
  const left = createFilesLeft(files, id)
  left.subscribeChanges(() => undefined)
  const filesLeft = left.size
  void left.cleanup()
  return { id, authorName, subject, filesChanged, filesLeft }
}

test('after every transaction the views are right, and each was published at most once', async () => {
  const server = await startStreamServer()
  onTestFinished(() => server.stop())

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ author, paths }), { minLength: 1, maxLength: 8 }),
      async (drawn) => {
        const url = await server.createStream()
        let arrived = () => {}
        // A live connection starts with a batch without items.
        const db = openDatabase(url, ({ items }) => {
          if (items.length > 0) arrived()
        })
        const views = createViews(db.collections)
        let publications = 0
        views.commits.subscribeChanges(() => (publications += 1))
        await db.preload()

        const history = new History()
        const commits = commitsOf(drawn)
        for (const [index, commit] of commits.entries()) {
          publications = 0
          const batch = new Promise<void>((resolve) => (arrived = resolve))
          await server.appendItems(url, history.record(commit))
          await batch
          const soFar = commits.slice(0, index + 1)
          expect(views.commits.toArray.map((each) => shown(each, db.collections))).toEqual(
            expectedCommits(soFar),
          )
          expect(db.collections.files.size).toBe(0)
          expect(views.authors.toArray).toMatchObject(expectedAuthors(soFar))
          expect(publications).toBe(1)
        }
        db.close()
      },
    ),
    { numRuns: 15 },
  )
}, 30_000)
