import { connect } from 'node:net'
import { eventually } from '@streamdb/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { note, startGateway } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

const headers = { authorization: 'Bearer ada', 'content-type': 'application/json' }

describe('createStreamHandler: bodies and queues', () => {
  test('[GW21] a body that is too large is answered, a slow one is given up, one that breaks off stores nothing', async () => {
    const gateway = await startGateway({ limits: { bodyTimeout: 1_000, pendingBytes: 2 * 1024 * 1024 } })
    const url = new URL(await gateway.create('a'))
    for (let round = 0; round < 2; round++) {
      expect(await gateway.post('a', note('1', 'x'.repeat(3_000_000)))).toMatchObject({
        status: 413,
        error: { code: 'too-large' },
      })
    }
    const answers: string[] = []
    const open = (): ReturnType<typeof connect> => {
      const socket = connect(Number(url.port), url.hostname)
      const index = answers.push('') - 1
      socket.on('data', (data) => (answers[index] += data.toString())).on('error', () => undefined)
      socket.write(
        `POST ${url.pathname} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ada\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n[`,
      )
      return socket
    }
    const [slow, broken, third] = [open(), open(), open()]
    // Two megabytes of bodies may wait: there is no room for a third.
    await eventually(() => expect(answers.filter((answer) => answer.includes(' 503 '))).toHaveLength(1))
    broken?.destroy()
    await eventually(() => expect(answers.some((answer) => answer.includes(' 408 '))).toBe(true))
    slow?.destroy()
    third?.destroy()
    // The room is free again.
    await eventually(async () => expect(await gateway.post('a', note('1'))).toMatchObject({ status: 204 }))
    expect(await gateway.events('a')).toHaveLength(1)
  })

  test('[GW22] writes to a stream wait for their turn, so many and no more; who has gone is not written', async () => {
    let begin = (): void => undefined
    let release = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const held = new Promise<boolean>((resolve) => (release = () => resolve(true)))
    const blocked = await startGateway({
      limits: { queued: 2 },
      authorize({ event }) {
        if (event.key !== 'first') return true
        begin()
        return held
      },
    })
    await blocked.create('a')
    await blocked.create('b')
    const first = blocked.post('a', note('first'))
    await begun
    const leaving = new AbortController()
    const gone = fetch(`${blocked.url}/a`, {
      method: 'POST',
      headers,
      body: JSON.stringify(note('gone')),
      signal: leaving.signal,
    }).catch(() => 'gone')
    const others = [1, 2, 3, 4].map((index) => blocked.post('a', note(`other ${index}`)))
    // Another stream does not wait.
    expect(await blocked.post('b', note('1'))).toMatchObject({ status: 204 })
    leaving.abort()
    expect(await gone).toBe('gone')
    release()
    const answers = await Promise.all([first, ...others])
    const busy = answers.filter(({ error }) => error?.code === 'busy')
    expect(busy.length).toBeGreaterThanOrEqual(2)
    expect(busy[0]?.headers.get('retry-after')).toBe('1')
    const keys = (await blocked.events('a')).map(({ key }) => key)
    expect(keys).toHaveLength(answers.length - busy.length)
    expect(keys).not.toContain('gone')
  })
})
