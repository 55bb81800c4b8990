import { eventually, startScriptedServer } from '@streamdb/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openDirectory } from '../src/index.ts'
import type { Directory } from '../src/index.ts'
import { newSessionUrl, open } from './support/sessions.ts'

async function openList(url: string, id: string): Promise<Directory> {
  const directory = openDirectory({ url, me: { id } })
  onTestFinished(() => directory.close())
  await directory.preload()
  return directory
}

test('[A18] a directory lists sessions by their activity, with what is unread and whether an agent works', async () => {
  const url = await newSessionUrl()
  const adas = await openList(url, 'ada')
  const bobs = await openList(url, 'bob')
  const plans = await adas.create({ title: 'Plans' })
  const other = await adas.create({ title: 'Other' })
  expect(adas.get().map(({ title }) => title)).toEqual(['Other', 'Plans'])
  const ada = await open(plans.url, 'ada')
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const agent = ada.agent({ name: 'bot', handle: () => gate })
  await agent.ready
  onTestFinished(adas.follow(plans.id, ada))
  await ada.send('One')
  const entry = (directory: Directory) => directory.get().find(({ id }) => id === plans.id)
  await eventually(() => expect(entry(bobs)).toMatchObject({ messages: 2, unread: 2, isRunning: true }))
  expect(bobs.get().map(({ title }) => title)).toEqual(['Plans', 'Other'])
  expect(entry(bobs)?.participants).toEqual(['ada', 'bot'])
  release()
  await eventually(() => expect(entry(bobs)).toMatchObject({ isRunning: false }))
  await bobs.markRead(plans.id)
  expect(entry(bobs)).toMatchObject({ unread: 0 })
  expect(entry(adas)).toMatchObject({ unread: 2 })
  await adas.archive(other.id)
  await adas.rename(other.id, 'Old')
  await eventually(() =>
    expect(bobs.get()).toContainEqual(expect.objectContaining({ title: 'Old', archived: true })),
  )
  ada.close()
  await adas.delete(plans.id)
  await eventually(() => expect(bobs.get()).toHaveLength(1))
  expect((await fetch(`${plans.url}?offset=-1`)).status).toBe(404)
  await expect(adas.delete('none')).rejects.toMatchObject({ code: 'not-found' })
})

test('[A18] a session that is listed as one of another server is deleted there without credentials', async () => {
  const elsewhere = await startScriptedServer((_, reply) => reply.status(401))
  onTestFinished(() => elsewhere.close())
  const url = await newSessionUrl()
  const mallory = await openList(url, 'mallory')
  const { id } = await mallory.create({ url: `${elsewhere.url}/session` })
  const ada = openDirectory({
    ...{ url, me: { id: 'ada' }, streamOptions: { headers: { authorization: 'Bearer secret' } } },
  })
  onTestFinished(() => ada.close())
  await ada.preload()
  await expect(ada.delete(id)).rejects.toMatchObject({ code: 'request-failed', status: 401 })
  expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
})
