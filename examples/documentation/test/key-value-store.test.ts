import { eventually, scriptedStream, startTestServer } from '@streamdb/testing'
import { expect, onTestFinished, test } from 'vitest'
import { openStore, storeState } from '../src/key-value-store.ts'

test('[P6] two who open a key/value store have the same values, live, as bare values in the log', async () => {
  const server = await startTestServer()
  onTestFinished(() => server.stop())
  const url = server.url('config')
  const [one, other] = await Promise.all([openStore({ url }), openStore({ url })])
  onTestFinished(() => [one, other].forEach((store) => store.close()))
  let changes = 0
  const unsubscribe = other.subscribe(() => changes++)

  await one.set('theme', 'dark')
  await one.set('volume', 0)
  await one.set('theme', null)
  await eventually(() =>
    expect(other.entries()).toEqual(
      expect.arrayContaining([
        ['theme', null],
        ['volume', 0],
      ]),
    ),
  )
  expect(changes).toBeGreaterThan(0)
  unsubscribe()
  await other.delete('theme')
  await other.delete('absent')
  await eventually(() => expect(one.get('theme')).toBeUndefined())
  expect(await server.events('config')).toMatchObject([
    { type: 'config', key: 'theme', value: 'dark', headers: { operation: 'insert' } },
    { type: 'config', key: 'volume', value: 0 },
    { type: 'config', key: 'theme', value: null, headers: { operation: 'update' } },
    { type: 'config', key: 'theme', headers: { operation: 'delete' } },
  ])
})

test('[P6] a value that the server refuses is not kept', async () => {
  const stream = scriptedStream([[storeState.config.insert({ key: 'theme', value: 'light' })]])
  const store = await openStore(stream.streamOptions)
  onTestFinished(() => store.close())
  stream.fault({ status: 403 }, { of: 'writes' })
  await expect(store.set('theme', 'dark')).rejects.toMatchObject({ status: 403 })
  expect(store.get('theme')).toBe('light')
})
