// @vitest-environment jsdom

import { logOf, startStreamServer } from '@streamdb/testkit'
import { cleanup, render, screen } from '@testing-library/react'
import { writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ComponentType } from 'react'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { snippetsOf } from './documents.ts'

afterEach(cleanup)

/** Loads the component that README.md shows first, against a stream of the real server with two todos in it. */
async function openReadme(): Promise<{
  Todos: ComponentType
  url: string
  refuse: (body: string) => void
}> {
  const server = await startStreamServer()
  onTestFinished(() => server.stop())
  const items = ['write', 'rest'].map((text) => ({
    type: 'todo',
    key: text,
    value: { id: text, text },
    headers: { operation: 'insert' },
  }))
  const url = await server.createStream('/todos', { items })
  let refusal: string | undefined
  const { fetch } = globalThis
  // The server of the document is the one on loopback.
  vi.stubGlobal('fetch', (input: string | URL, init?: RequestInit) => {
    if (init?.method === 'POST' && refusal !== undefined) {
      const headers = { 'content-type': 'application/json' }
      return Promise.resolve(new Response(JSON.stringify({ error: refusal }), { status: 422, headers }))
    }
    return fetch(String(input).replace('https://streams.example.com', server.url), init)
  })
  onTestFinished(() => void vi.unstubAllGlobals())

  const snippet = snippetsOf('README.md').find(({ language }) => language === 'tsx')
  const folder = join(import.meta.dirname, '../running')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'readme.tsx')
  writeFileSync(file, snippet?.code ?? '')
  // The document says what it exports.
  const { Todos } = (await import(/* @vite-ignore */ file)) as { Todos: ComponentType }
  return { Todos, url, refuse: (body) => void (refusal = body) }
}

test('[F-real-28] the React example of README.md runs, and shows a refused write', async () => {
  const { Todos, url, refuse } = await openReadme()
  render(<Todos />)
  const write = await screen.findByRole<HTMLButtonElement>('button', { name: 'write' })
  write.click()
  await vi.waitFor(async () =>
    expect((await logOf(url)).at(-1)).toMatchObject({ key: 'write', value: { done: true } }),
  )
  expect(write.disabled).toBe(true)

  refuse('one at a time')
  const rest = screen.getByRole<HTMLButtonElement>('button', { name: 'rest' })
  rest.click()
  const alert = await screen.findByRole('alert')
  expect(alert.textContent).toMatch(/^Not saved: .*422/)
  expect(rest.disabled).toBe(false)
})
