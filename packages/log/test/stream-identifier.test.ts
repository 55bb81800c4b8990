import { itemsOf, startStreamServer } from '@streamdb/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createStreamIdentifier } from '../src/index.ts'
import type { Batch } from '../src/index.ts'
import { openStream } from '../src/index.ts'
import { areDifferentStreams, pageIdOf, streamIdOf } from '../src/stream-id.ts'

const href = 'http://host/v1/stream/rooms/1'
const path = Buffer.from('/v1/stream/rooms/1').toString('base64')

describe('streamIdOf', () => {
  test.each<[string, string | undefined, string | undefined, string | undefined, string | undefined]>([
    ['an incarnation', undefined, '7', '5', '7'],
    ['an ETag as documented', '"abc:5"', undefined, '5', 'abc'],
    ['a weak one', 'W/"abc:5"', undefined, '5', 'abc'],
    ['one with a start', '"abc:-1:5"', undefined, '5', 'abc'],
    ['one that only spells the path', `"${path}:-1:5"`, undefined, '5', undefined],
    ['one of the content', '"d41d8cd9"', undefined, '5', undefined],
    ['one without an offset to compare', '"abc:5"', undefined, undefined, undefined],
    ['nothing', undefined, undefined, '5', undefined],
  ])('[S5] %s', (_, etag, incarnation, offset, expected) => {
    expect(streamIdOf(etag, incarnation, offset, href)).toBe(expected)
  })
})

describe('pageIdOf', () => {
  const offset = '0000000000000000_0000000000000004'
  test.each<[string, string | undefined, string | undefined, string | undefined]>([
    ['an id, a start and an end', '"336:0:4"', offset, 'etag:336'],
    ['of a closed stream, and weakened', 'W/"336:0:4:c"', offset, 'etag:336'],
    ['of an offset without parts', '"336:0:4"', '00004', 'etag:336'],
    ['of another end', '"336:0:5"', offset, undefined],
    ['one that a proxy has marked', '"336:0:4-gzip"', offset, undefined],
    ['one of the path and offsets', `"${path}:-1:${offset}"`, offset, undefined],
    ['one of the content', '"a60cb7bbcd6c4f3d"', offset, undefined],
    ['one without an offset to compare', '"336:0:4"', undefined, undefined],
    ['nothing', undefined, offset, undefined],
  ])('[RD10] %s', (_, etag, at, expected) => {
    expect(pageIdOf(etag, at)).toBe(expected)
  })

  test('[RD10] ids of one kind alone are compared', () => {
    expect(areDifferentStreams('etag:1', 'etag:2')).toBe(true)
    expect(areDifferentStreams('1', '2')).toBe(true)
    for (const [one, other] of [
      ['etag:1', '2'],
      ['1', undefined],
      ['etag:1', 'etag:1'],
    ] as const)
      expect(areDifferentStreams(one, other)).toBe(false)
  })
})

describe('anchors', () => {
  const end = { complete: true, upToDate: true, closed: false, bytes: 0 }
  const item = (n: number, offset?: string): unknown => ({ headers: { operation: 'insert', offset }, n })
  const batch = (items: readonly unknown[], first = 0): Batch => ({
    items,
    first,
    from: '03',
    offset: '07',
    ...end,
  })
  const { anchorOf } = createStreamIdentifier(openStream({ url: href }).stream, undefined)

  test('[S5] lie as near to the end as the stamps of the server tell', () => {
    const stamped = [item(1, '05'), item(2, '06'), item(3, '07'), item(4, '07')]
    expect(anchorOf(batch(stamped))?.offset).toBe('06')
    expect(anchorOf(batch(stamped, 9))?.offset).toBe('06')
    expect(anchorOf(batch([item(1), item(2)]))?.offset).toBe('03')
    expect(anchorOf(batch([item(1, '07'), item(2, '07')]))?.offset).toBe('03')
    expect(anchorOf(batch([item(1, 'no offset'), item(2, '07')]))?.offset).toBe('03')
    expect(anchorOf(batch([item(1)], 9))).toBeUndefined()
    expect(anchorOf(batch([]))).toBeUndefined()
  })

  test('[DP2] are the last item of a response of few items without stamps, and the first of one of many', () => {
    expect(anchorOf(batch([item(1), item(2), item(3)]))?.index).toBe(2)
    expect(anchorOf(batch(Array.from({ length: 201 }, (_, n) => item(n))))).toEqual(
      anchorOf(batch([item(0)])),
    )
  })

  test('[S5] tell a stream from another one on a real server', async () => {
    const server = await startStreamServer()
    onTestFinished(() => server.stop())
    const url = await server.createStream('/s', { items: [item(1)] })
    await server.appendItems(url, [item(2)])
    const { stream, streamOptions } = openStream({ url })
    const identifier = createStreamIdentifier(stream, streamOptions)
    const read = async (): Promise<Batch> => {
      const response = await fetch(`${url}?offset=-1`)
      const items = await itemsOf<unknown>(response)
      return { items, first: 0, from: '-1', offset: response.headers.get('stream-next-offset') ?? '', ...end }
    }
    const anchor = identifier.anchorOf(await read())
    const { signal } = new AbortController()
    expect(await identifier.check({ anchor }, signal)).toBe('same')
    await server.appendItems(url, [item(3)])
    expect(await identifier.check({ anchor }, signal)).toBe('same')
    await server.deleteStream(url)
    await server.createStream('/s', { items: [item(8)] })
    await server.appendItems(url, [item(9)])
    expect(await identifier.check({ anchor }, signal)).toBe('other')
  })
})
