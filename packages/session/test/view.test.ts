import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { newSessionUrl, open } from './support/sessions.ts'

test('[A6] a view is up to date whoever listens, is told of messages before its beginning, and stays as it was closed', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const view = ada.view({ limit: 2 })
  const texts = (): (string | undefined)[] => view.get().map(({ parts }) => parts[0]?.text)
  await ada.send('1')
  await ada.send('2')
  // Nobody listens, and nobody has: it is read anew.
  expect(texts()).toEqual(['1', '2'])
  let calls = 0
  const stop = view.subscribe(() => calls++)
  await ada.send('3')
  await eventually(() => expect(texts()).toEqual(['1', '2', '3']))
  expect(calls).toBeGreaterThan(0)
  stop()
  const before = calls
  await ada.send('4')
  expect(texts()).toEqual(['1', '2', '3', '4'])
  expect(calls).toBe(before)
  // Another one begins at the end; both listeners of it are told.
  const end = ada.view({ limit: 1 })
  const heard: string[] = []
  const stops = ['a', 'b'].map((name) => end.subscribe(() => heard.push(name)))
  expect(end.hasOlder).toBe(true)
  await end.loadUntil(view.get()[0]?.message.id ?? '')
  expect(end.hasOlder).toBe(false)
  expect(heard).toEqual(['a', 'b'])
  stops[0]?.()
  await ada.send('5')
  await eventually(() => expect(heard.at(-1)).toBe('b'))
  expect(heard.filter((name) => name === 'a')).toHaveLength(1)
  end.close()
  const shown = end.get()
  await ada.send('6')
  expect(end.get()).toBe(shown)
  expect(shown).toHaveLength(5)
})
