import { afterAll, describe, expect, test } from 'vitest'
import { note, open, startGateway } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

describe('createStreamHandler: writes', () => {
  test('[GW1] a database reads and writes through a gateway', async () => {
    const gateway = await startGateway()
    const url = await gateway.create('a')
    const db = open(url)
    await db.preload()
    await db.collections.notes.insert({ id: '1', text: 'hello' }).when('settled')
    expect(await gateway.events('a')).toMatchObject([
      {
        type: 'note',
        key: '1',
        value: { id: '1', text: 'hello' },
        headers: { operation: 'insert', principal: 'ada' },
      },
    ])
    expect(db.collections.notes.get('1')).toMatchObject({ text: 'hello' })
    expect(gateway.errors).toEqual([])
  })

  test('[GW2] an event that the rule refuses refuses its request whole, with a typed body', async () => {
    const gateway = await startGateway({
      authorize: ({ type, row, user }) =>
        type !== 'note' ||
        row === undefined ||
        row.author === user.id || { code: 'not-author', message: 'Not yours.', path: '/key' },
    })
    await gateway.create('a')
    await gateway.append('a', {
      type: 'note',
      key: '1',
      value: { id: '1', text: 'x', author: 'bob' },
      headers: { operation: 'insert' },
    })
    const answer = await gateway.post('a', [note('2', 'y', { txid: 't' }), note('1', 'z', { txid: 't' })])
    expect(answer.status).toBe(403)
    expect(answer.error).toEqual({
      code: 'not-author',
      message: 'Not yours.',
      path: '/key',
      index: 1,
      txid: 't',
    })
    expect(await gateway.events('a')).toHaveLength(1)
    expect((await gateway.post('a', note('1', 'mine'), { user: 'bob' })).status).toBe(204)
  })
})
