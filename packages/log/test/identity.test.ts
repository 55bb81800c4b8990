import { eventually, startScriptedServer } from '@streamdb/testkit'
import type { ScriptedReply, ScriptedRequest, ScriptedServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpSource, isIncarnation } from '../src/index.ts'
import type { Checkpoint, OpenedStream } from '../src/index.ts'
import { offsetOf, openSource } from './open-source.ts'

interface Stream {
  readonly id: string
  readonly items: readonly string[]
}

/** A server that has one stream after the other under one URL, and names them in one way. */
interface Replaceable {
  readonly script: ScriptedServer
  /** Another stream from now on: live connections end as if nothing were wrong. */
  replace(stream: Stream): void
}

async function startReplaceable(naming: 'incarnation' | 'etag', first: Stream): Promise<Replaceable> {
  let stream = first
  const open = new Set<() => void>()
  const script = await startScriptedServer((request, reply) => answer(request, reply))
  onTestFinished(() => script.close())

  function answer({ offset = '-1', live, method }: ScriptedRequest, reply: ScriptedReply): void {
    const { id, items } = stream
    const nextOffset = offsetOf(items.length)
    const end = { nextOffset, upToDate: true }
    const named: Record<string, string> = naming === 'incarnation' ? { 'stream-incarnation': id } : {}
    if (method === 'HEAD') return reply.page({ nextOffset, headers: named })
    if (offset === 'now') return reply.page({ ...end, headers: named })
    const from = offset === '-1' ? 0 : Number(offset)
    // As ds answers: as if nothing were wrong, without an ETag.
    if (from > items.length && live === undefined) return reply.page({ nextOffset: offset, upToDate: true })
    if (naming === 'etag' && live !== 'sse') named['etag'] = `"${id}:${from}:${items.length}"`
    if (live === 'sse') {
      const sse = reply.sse(named).control(end)
      open.add(() => sse.end())
    } else if (live === 'long-poll' && from >= items.length) {
      open.add(() => reply.noContent({ nextOffset: offset }))
    } else reply.page({ items: items.slice(from), ...end, headers: named })
  }

  return {
    script,
    replace(next) {
      stream = next
      for (const end of open) end()
      open.clear()
    },
  }
}

// Longer than the first: no offset tells that it is another one.
const one: Stream = { id: '1', items: ['a', 'b'] }
const two: Stream = { id: '2', items: ['x', 'y', 'z'] }

test.each(
  (['incarnation', 'etag'] as const).flatMap((naming) =>
    (['sse', 'long-poll'] as const).map((live) => [naming, live] as const),
  ),
)(
  '[RD10] a stream that is made anew, and is longer, is noticed by its %s while it is read by %s',
  async (naming, live) => {
    const { script, replace } = await startReplaceable(naming, one)
    const source = openSource(`${script.url}/stream`, { live })
    await eventually(() => expect(script.open).toBe(1))
    expect(source.items).toEqual(['a', 'b'])
    replace(two)
    await eventually(() => expect(source.items).toEqual(['x', 'y', 'z']))
    expect(source.restarts).toEqual(['stream-replaced'])
  },
)

test.each([['incarnation'], ['etag']] as const)(
  '[RD10] a checkpoint of another stream, told by its %s, is read from the beginning',
  async (naming) => {
    const { script, replace } = await startReplaceable(naming, one)
    const before = openSource(`${script.url}/stream`, { live: false })
    await eventually(() => expect(before.batches.at(-1)?.upToDate).toBe(true))
    const { offset = '', streamId } = before.batches.at(-1) ?? {}
    expect(isIncarnation(streamId)).toBe(naming === 'incarnation')
    replace({ id: '2', items: ['x', 'y'] })
    expect(await readOn(before, { offset, streamId })).toEqual(['stream-replaced', 'x', 'y'])
  },
)

test('[RD10] a stream that is restored shorter has the ETags that it had, and is read anew', async () => {
  const { script, replace } = await startReplaceable('etag', one)
  const source = openSource(`${script.url}/stream`, { live: 'sse' })
  await eventually(() => expect(script.open).toBe(1))
  replace({ id: '1', items: ['a'] })
  await eventually(() => expect(source.items).toEqual(['a']))
  expect(source.restarts).toEqual(['stream-replaced'])
})

test('[RD10] another stream, in which the checkpoint lies in the middle of an event, is told by its name before its body', async () => {
  let [id, text] = ['1', '"a"\n"b"\n']
  const script = await startScriptedServer(({ offset = '-1' }, reply) => {
    const headers = { 'content-type': 'application/x-ndjson', 'stream-incarnation': id }
    const body = text.slice(offset === '-1' ? 0 : Number(offset))
    reply.page({ body, nextOffset: String(text.length), upToDate: true, headers })
  })
  onTestFinished(() => script.close())
  const before = openSource(`${script.url}/stream`, { live: false })
  await eventually(() => expect(before.items).toEqual(['a', 'b']))
  const { offset = '', streamId } = before.batches.at(-1) ?? {}
  ;[id, text] = ['2', '"x"\n"longer"\n']
  expect(await readOn(before, { offset, streamId })).toEqual(['stream-replaced', 'x', 'longer'])
})

/** Reads from a checkpoint to the end; returns the items, and why it began anew. */
function readOn(of: OpenedStream, from: Checkpoint): Promise<readonly unknown[]> {
  const seen: unknown[] = []
  const source = createHttpSource({ ...of, live: false })
  onTestFinished(() => source.stop())
  return new Promise((resolve) =>
    source.start(from, {
      onBatch({ items }) {
        seen.push(...items)
        return { type: 'continue' }
      },
      onRestart: (why) => void seen.push(why),
      onConnection: ({ type }) => void (type === 'end' && resolve(seen)),
      onSeekRefused: () => undefined,
      ready: () => Promise.resolve(),
    }),
  )
}
