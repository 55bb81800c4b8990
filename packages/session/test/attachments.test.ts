import { eventually, needs, startFaultProxy, startScriptedServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { newSessionUrl, open, sessionServer } from './support/sessions.ts'

const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => index % 251)

test('[A17] an attachment is a stream of its own with a manifest row, read with progress', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const stored: number[] = []
  const onProgress = (count: number): void => void stored.push(count)
  const { id, size, mediaType, name } = await ada.attachments.upload(bytes, {
    name: 'a.bin',
    mediaType: 'image/png',
    onProgress,
  })
  expect(stored).toEqual([262_144, 524_288, 700_000])
  await ada.send([{ text: 'See' }, { attachment: id, mediaType, name, size }])
  const bob = await open(url, 'bob')
  expect(bob.message([...bob.collections.messages.keys()][0] ?? '')?.parts[1]).toMatchObject({
    kind: 'file',
    attachment: id,
  })
  expect(bob.collections.attachments.get(id)).toMatchObject({ state: 'ready', size: bytes.length, by: 'ada' })
  const read = await bob.attachments.read(id)
  expect(Buffer.compare(read, bytes)).toBe(0)
  await expect(bob.attachments.read('none')).rejects.toMatchObject({ code: 'not-found' })
})

test('[A17] an upload that broke off is resumed, and stores nothing twice', async () => {
  const url = await newSessionUrl()
  const proxy = await startFaultProxy((await sessionServer()).url)
  onTestFinished(() => proxy.close())
  const ada = await open(proxy.through(url), 'ada')
  let posts = 0
  proxy.fault(
    { kind: 'cut', after: 'nothing' },
    {
      match: ({ method, url: { pathname } }) =>
        method === 'POST' && pathname.includes('/files/') && ++posts === 2,
    },
  )
  await expect(ada.attachments.upload(bytes, { name: 'a.bin' })).rejects.toMatchObject({
    code: 'request-failed',
  })
  const [row] = [...ada.collections.attachments.values()]
  expect(row).toMatchObject({ state: 'uploading' })
  const resumed = await ada.attachments.upload(bytes, { name: 'a.bin', resume: row?.id })
  expect(resumed.id).toBe(row?.id)
  expect(Buffer.compare(await ada.attachments.read(resumed.id), bytes)).toBe(0)
})

test('[A17] a row that names another server gets no credentials there, and nothing is written to it', async () => {
  const elsewhere = await startScriptedServer((_, reply) =>
    reply.page({ body: 'abc', nextOffset: '1', closed: true }),
  )
  onTestFinished(() => elsewhere.close())
  const url = await newSessionUrl()
  const mallory = await open(url, 'mallory')
  const row = { id: 'x', name: 'x', mediaType: 'image/png', size: 3, by: 'mallory', state: 'ready' } as const
  await mallory.collections.attachments.insert({ ...row, url: `${elsewhere.url}/x` }).when('settled')
  const headers = { authorization: 'Bearer secret' }
  const ada = await open(url, 'ada', { streamOptions: { headers } })
  expect(new TextDecoder().decode(await ada.attachments.read('x'))).toBe('abc')
  await expect(ada.attachments.upload(bytes, { name: 'x', resume: 'x' })).rejects.toMatchObject({
    code: 'request-failed',
    message: expect.stringContaining('another server'),
  })
  expect(elsewhere.requests.map(({ method, headers: { authorization } }) => [method, authorization])).toEqual(
    [['GET', undefined]],
  )
})

test('[A74] a row says where an attachment is from the session on: another address of it has it too', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const { id, mediaType, name, size } = await ada.attachments.upload(bytes, {
    name: 'a.png',
    mediaType: 'image/png',
  })
  await ada.send([
    { text: 'See' },
    { attachment: id, url: 'https://elsewhere.example', mediaType, name, size },
  ])
  expect(ada.collections.attachments.get(id)?.url).toBe(`files/${id}`)
  expect(ada.attachments.url(id)).toBe(`${url}/files/${id}`)
  expect(ada.toModelMessages()[0]?.content[1]).toMatchObject({ type: 'file', url: `${url}/files/${id}` })

  const proxy = await startFaultProxy((await sessionServer()).url)
  onTestFinished(() => proxy.close())
  const bob = await open(proxy.through(url), 'bob')
  expect(bob.attachments.url(id)).toBe(`${proxy.through(url)}/files/${id}`)
  expect(Buffer.compare(await bob.attachments.read(id), bytes)).toBe(0)
})

test('[A74] a fork has the attachments of its source, from where it is and from below', async () => {
  await needs('forks')
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const { id } = await ada.attachments.upload(bytes, { name: 'a.png', mediaType: 'image/png' })
  const beside = await ada.fork()
  const below = await (await open(beside.url, 'carol')).fork({ url: `${url}/forks/one` })
  for (const fork of [beside, below]) {
    const carol = await open(fork.url, 'carol')
    expect(carol.attachments.url(id)).toBe(`${url}/files/${id}`)
    expect(Buffer.compare(await carol.attachments.read(id), bytes)).toBe(0)
  }
})

test('[A74] a download that breaks off goes on where it stopped, and one begins where an earlier one ended', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const { id } = await ada.attachments.upload(bytes, { name: 'a.bin' })
  const proxy = await startFaultProxy((await sessionServer()).url)
  onTestFinished(() => proxy.close())
  const bob = await open(proxy.through(url), 'bob')
  let gets = 0
  proxy.fault(
    // Of what is sent, which is compressed.
    { kind: 'cut', after: 1_000 },
    {
      match: ({ method, url: { pathname } }) =>
        method === 'GET' && pathname.includes('/files/') && ++gets === 1,
    },
  )
  const progress: number[] = []
  const read = await bob.attachments.read(id, { onProgress: (count) => progress.push(count) })
  expect(Buffer.compare(read, bytes)).toBe(0)
  expect(gets).toBe(1)
  expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b))
  expect(progress.at(-1)).toBe(bytes.length)
  const rest = await bob.attachments.read(id, { from: 600_000 })
  expect(Buffer.compare(rest, bytes.subarray(600_000))).toBe(0)
})

test('[A74] what a browser would run is served as bytes; the row says what it is', async () => {
  const ada = await open(await newSessionUrl(), 'ada')
  const served = {
    'image/png': 'image/png',
    'text/plain; charset=utf-8': 'text/plain',
    'text/html': 'application/octet-stream',
    'image/svg+xml': 'application/octet-stream',
    'application/json': 'application/octet-stream',
  }
  for (const [mediaType, expected] of Object.entries(served)) {
    const text = new TextEncoder().encode('[1]')
    const { id } = await ada.attachments.upload(text, { name: 'a', mediaType })
    const response = await fetch(`${ada.attachments.url(id)}?offset=-1`)
    expect(response.headers.get('content-type')).toMatch(expected)
    expect(await response.text()).toBe('[1]')
    expect(ada.collections.attachments.get(id)?.mediaType).toBe(mediaType)
  }
})

test('[A75] a large result of a tool is an attachment: not in the log, and there for models, participants and later runs', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const host = await open(url, 'host', {
    redact: ({ value }) => JSON.parse(JSON.stringify(value).replaceAll('secret', '-----')) as object,
  })
  const rows = Array.from({ length: 2_000 }, (_, index) => ({ index, text: 'secret row' }))
  const told: unknown[] = []
  const agent = host.agent({
    name: 'bot',
    handle: async (run) => {
      told.push(...run.messages().filter(({ role }) => role === 'tool'))
      const small = await run.tool({ name: 'count', input: {}, run: () => rows.length })
      const large = await run.tool({ name: 'list', input: {}, run: () => rows })
      await run.text(`${small} of ${large.length}`)
    },
  })
  await agent.ready
  await ada.send('List')
  await eventually(() => expect([...ada.collections.runs.values()][0]?.status).toBe('done'))
  const part = [...ada.collections.parts.values()].find(({ toolName }) => toolName === 'list')
  expect(part).toMatchObject({ toolState: 'output-available', mediaType: 'application/json' })
  expect(part).not.toHaveProperty('output')
  const log = await (await fetch(`${url}?offset=-1`)).text()
  expect(log.length).toBeLessThan(10_000)
  expect(log).not.toContain('secret')
  const expected = rows.map((row) => ({ ...row, text: '----- row' }))
  expect(await ada.toolOutput(part ?? '')).toEqual(expected)
  const results = {
    content: [
      { name: 'count', output: 2_000 },
      { name: 'list', output: expected },
    ],
  }
  expect(ada.toModelMessages().find(({ role }) => role === 'tool')).toMatchObject(results)

  // Another process reads it before its handler runs.
  await agent.stop()
  const other = await open(url, 'other')
  const next = other.agent({
    name: 'bot',
    handle: async (run) => {
      told.push(...run.messages().filter(({ role }) => role === 'tool'))
      await run.text('Done')
    },
  })
  await next.ready
  await ada.send('Again')
  await eventually(() =>
    expect([...ada.collections.runs.values()].map(({ status }) => status)).toEqual(['done', 'done']),
  )
  expect(JSON.stringify(told.at(-1))).toBe(
    JSON.stringify(ada.toModelMessages().find(({ role }) => role === 'tool')),
  )
})

test('[A92] an attachment that is removed is gone, row and bytes', async () => {
  const ada = await open(await newSessionUrl(), 'ada')
  const { id } = await ada.attachments.upload(new Blob(['gone']), { name: 'gone' })
  const at = ada.attachments.url(id)
  await ada.attachments.remove(id)
  await ada.attachments.remove(id)
  expect(ada.collections.attachments.has(id)).toBe(false)
  expect((await fetch(at)).ok).toBe(false)
})

test('[A92] a fork cannot remove the bytes of its source', async () => {
  await needs('forks')
  const ada = await open(await newSessionUrl(), 'ada')
  const kept = await ada.attachments.upload(new Blob(['kept']), { name: 'kept' })
  const fork = await open((await ada.fork()).url, 'ada')
  expect(fork.collections.attachments.has(kept.id)).toBe(true)
  await fork.attachments.remove(kept.id)
  expect(fork.collections.attachments.has(kept.id)).toBe(false)
  expect(new TextDecoder().decode(await ada.attachments.read(kept.id))).toBe('kept')
})
