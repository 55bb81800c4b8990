import { Scheduler } from '@streamdb/log'
import { describeChangeTarget, MapTarget } from '@streamdb/testkit'
import { plain } from '@streamdb/testkit/rooms'
import { z } from 'zod'
import { CollectionWriters } from '../src/collections/collection-writers.ts'
import { createCollections } from '../src/collections/create.ts'
import { createStateSchema } from '../src/index.ts'
import { Reporter } from '../src/report.ts'

describeChangeTarget('plain Maps', () => {
  const target = new MapTarget()
  return { target, rowsOf: (type) => target.rowsOf(type), isReady: () => target.state === 'ready' }
})

const schema = z.object({ id: z.string(), text: z.string() })
const state = createStateSchema({
  users: { schema, type: 'user', primaryKey: 'id' },
  messages: { schema, type: 'message', primaryKey: 'id' },
})
let databases = 0

describeChangeTarget('TanStack collections', () => {
  const reporter = new Reporter()
  const target = new CollectionWriters(reporter, new Scheduler())
  const id = `database-${++databases}`
  const collections = createCollections(state, {
    idOf: (name) => `${id}/${name}`,
    writers: target,
    reporter,
    transactor: {
      transact: () => {
        throw new Error('nobody writes here')
      },
    },
    reading: { onCollectionStart: () => undefined },
  })
  for (const collection of collections.values()) collection.startSyncImmediate()
  const of = (type: string) => collections.get(type === 'user' ? 'users' : 'messages')
  return {
    target,
    rowsOf: (type) => new Map(Array.from(of(type)?.entries() ?? [], ([key, row]) => [key, plain(row)])),
    isReady: () => [...collections.values()].every(({ status }) => status === 'ready'),
  }
})
