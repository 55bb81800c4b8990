import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { canonical, eventually, sharedData } from '@streamdb/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createLiveQueryCollection, createStateSchema, createStreamDB, eq } from '../src/index.ts'
import type { ChangeEvent } from '../src/index.ts'
import { plain, roomServer } from './rooms.ts'

const logFile = sharedData('git-history.ndjson')
const expectedFile = sharedData('git-history.expected.json')
const absent = logFile === undefined || expectedFile === undefined

// Loose: the expected state holds every field that the log has.
const history = createStateSchema({
  commits: { schema: z.looseObject({ id: z.string(), author: z.string() }), type: 'commit', primaryKey: 'id' },
  authors: { schema: z.looseObject({ id: z.string(), name: z.string() }), type: 'author', primaryKey: 'id' },
  files: { schema: z.looseObject({ path: z.string() }), type: 'file', primaryKey: 'path' },
})

describe.skipIf(absent)('the recorded history (needs ../shared/data/git-history.ndjson beside the repository)', () => {
  test('[M6] it materialises, through the real server, to exactly what is expected', async () => {
    const kit = await roomServer()
    const url = await kit.createStream()
    for (const transaction of transactions()) await kit.appendItems(url, transaction)
    const db = openHistory(url)
    await db.preload()
    expect(db.issues.total).toBe(0)
    expect(stateOf(db.collections)).toEqual(JSON.parse(readFileSync(expectedFile ?? '', 'utf8')))
  })
})
