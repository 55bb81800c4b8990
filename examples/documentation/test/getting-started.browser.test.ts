import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DurableStreamTestServer } from '@durable-streams/server'
import { launchChromium } from '@streamdb/testkit/chromium'
import { createServer } from 'vite'
import { expect, onTestFinished, test } from 'vitest'
import { root } from './documents.ts'

const page = readFileSync(join(root, 'docs/getting-started.md'), 'utf8')

/** The file that the page tells to copy: the fence behind its name. */
function fileOf(name: string): string {
  const text = page.slice(page.indexOf(`\`${name}\``))
  const found = /```\w+\n([\s\S]*?)^```$/m.exec(text)?.[1]
  if (found === undefined) throw new Error(`docs/getting-started.md has no ${name}`)
  return found
}

test('[G3] the page Getting started works as it is copied: two windows share a list, a stopped server loses nothing', async () => {
  // Inside of the workspace, where the packages are found without an install.
  const folder = join(import.meta.dirname, '../running/getting-started')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const dataDir = join(folder, 'data')
  const start = async (port: number): Promise<DurableStreamTestServer> => {
    const server = new DurableStreamTestServer({ port, dataDir })
    await server.start()
    return server
  }
  let streams = await start(0)
  const port = Number(new URL(streams.url).port)
  expect(fileOf('server.mjs')).toContain("new DurableStreamTestServer({ port: 4437, dataDir: './data' })")
  for (const name of ['index.html', 'vite.config.js', 'main.tsx'])
    writeFileSync(join(folder, name), fileOf(name).replaceAll(':4437', `:${port}`))

  const vite = await createServer({ root: folder, logLevel: 'error', server: { port: 0, host: '127.0.0.1' } })
  await vite.listen()
  const browser = await launchChromium()
  onTestFinished(async () => {
    await browser.close()
    await vite.close()
    await streams.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const url = vite.resolvedUrls?.local[0] ?? ''
  const [one, two] = [await browser.newPage(), await browser.newPage()]
  await one.goto(url)
  await one.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await two.goto(url)
  await two.getByRole('status').filter({ hasText: 'live' }).waitFor()

  const add = async (text: string): Promise<void> => {
    await one.getByRole('textbox').fill(text)
    await one.getByRole('button', { name: 'Add' }).click()
    await one.getByRole('checkbox', { name: text }).waitFor()
  }
  await add('Buy milk')
  await two.getByRole('checkbox', { name: 'Buy milk' }).check()
  await one.getByRole('checkbox', { name: 'Buy milk', checked: true }).waitFor()

  await streams.stop()
  await add('Mend the gate')
  await one.getByRole('status').filter({ hasText: 'reconnecting' }).waitFor()
  streams = await start(port)
  await two.getByRole('checkbox', { name: 'Mend the gate' }).waitFor()

  await two.reload()
  await two.getByRole('checkbox', { name: 'Mend the gate' }).waitFor()
  const texts = await two.getByRole('listitem').allInnerTexts()
  expect(texts.map((text) => text.trim())).toEqual(['Buy milk', 'Mend the gate'])
})
