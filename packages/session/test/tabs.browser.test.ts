import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { eventually, itemsOf, needs } from '@streamdb/testkit'
import { launchChromium } from '@streamdb/testkit/chromium'
import type { Page } from '@streamdb/testkit/chromium'
import { build } from 'esbuild'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { gate } from '../src/testing/index.ts'
import type { SessionPage } from './browser/session-page.ts'
import { lines, newSessionUrl, open } from './support/sessions.ts'

declare const page: SessionPage

const patient = { timeout: 20_000 }
let browser: Awaited<ReturnType<typeof launchChromium>>
let origin: string
let closeSite: () => void

// Pages read the stream server of another origin.
beforeEach(() => needs('cors'))
beforeAll(async () => {
  browser = await launchChromium()
  const { outputFiles } = await build({
    entryPoints: [
      fileURLToPath(new URL('./browser/session-page.ts', import.meta.url)),
      fileURLToPath(new URL('./browser/agent-worker.ts', import.meta.url)),
    ],
    ...{ bundle: true, format: 'iife', write: false, outdir: '/' },
  })
  const site = createServer((request, response) => {
    const script = outputFiles.find(({ path }) => path === request.url)
    response.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' })
    response.end(script?.text ?? '<!doctype html><script src="/session-page.js"></script>')
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}/` // of a TCP server
  closeSite = () => {
    site.closeAllConnections()
    site.close()
  }
})

afterAll(async () => {
  await browser.close()
  closeSite()
})

test('[A11] [A13] [A89] of two tabs the leading one is closed in mid answer, and what was written offline survives a reload: nothing is lost or there twice', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host')
  const rest = gate()
  const agent = host.agent({
    name: 'bot',
    async handle(run) {
      const writer = run.openText()
      const count = async (from: number, to: number) => {
        for (let number = from; number <= to; number++) {
          writer.write(`${number} `)
          await new Promise((resolve) => setTimeout(resolve, 10))
        }
      }
      await count(1, 20)
      if (host.collections.runs.size === 1) await rest.pass(run.signal)
      await count(21, 80)
      await writer.end()
    },
  })
  await agent.ready
  const streams = `${new URL(url).origin}/**`
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const openTab = async (): Promise<Page> => {
    const tab = await context.newPage()
    await tab.goto(origin)
    await tab.evaluate((at) => page.open(at), url)
    return tab
  }
  const first = await openTab()
  await first.evaluate(() => page.send('Count'))
  const second = await openTab()
  const begun = `bot: ${numbers(20)}`
  for (const tab of [first, second])
    await eventually(async () => expect(await last(tab)).toBe(begun), patient)
  expect(await Promise.all([first, second].map((tab) => tab.evaluate(() => page.role())))).toEqual([
    'leader',
    'follower',
  ])

  // The answer goes on while nobody leads.
  rest.open()
  await first.close()
  const whole = `bot: ${numbers(80)}`
  await eventually(async () => expect(await last(second)).toBe(whole), patient)
  expect(await second.evaluate(() => page.role())).toBe('leader')
  // What it showed only grew.
  const shown = (await second.evaluate(() => page.shown())).filter((line) => line.startsWith('bot'))
  for (const [index, line] of shown.entries()) expect(line.startsWith(shown[index - 1] ?? '')).toBe(true)
  expect(await second.evaluate(() => page.lines())).toEqual(['ada: Count', whole])

  // Without a connection a message is written, and the page is loaded again.
  await second.route(streams, (route) => route.abort())
  await second.evaluate(() => page.send('Once more'))
  await eventually(async () => expect(await second.evaluate(() => page.waiting())).toBe(1), patient)
  await second.reload()
  void second.evaluate((at) => page.open(at), url)
  await eventually(async () => expect(await last(second)).toBe('ada: Once more'), patient)
  expect(host.collections.messages.size).toBe(2)
  await second.unroute(streams)
  await eventually(() => expect(lines(host)).toEqual(['ada: Count', whole, 'ada: Once more', whole]), patient)
  await eventually(
    async () => expect(await second.evaluate(() => page.lines())).toEqual(lines(host)),
    patient,
  )
  const log = await itemsOf<{ type: string }>(await fetch(`${url}?offset=-1`))
  expect(log.filter(({ type }) => type === 'message')).toHaveLength(4)

  // An agent in a worker of the page.
  await second.evaluate((at) => page.startAgent(at), url)
  await eventually(() => expect(host.collections.agents.has('helper')).toBe(true), patient)
  await second.evaluate(() => page.send('@helper are you there?'))
  await eventually(() => expect(lines(host)).toContain('helper: Here there is no document'), patient)

  // Who leaves the page is gone at once: nobody waits until it is not heard of any more.
  const left = await second.evaluate(() => page.device())
  const isHere = () => host.presence?.get().some(({ device, isPresent }) => device === left && isPresent)
  await eventually(() => expect(isHere()).toBe(true), patient)
  await second.goto('about:blank')
  await eventually(() => expect(isHere()).toBe(false), patient)
}, 90_000)

function numbers(end: number): string {
  return Array.from({ length: end }, (_, index) => `${index + 1} `).join('')
}

function last(tab: Page): Promise<string | undefined> {
  return tab.evaluate(() => page.lines().at(-1))
}
