import { startFaultProxy } from '@streamdb/testkit'
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
