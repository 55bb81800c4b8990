import { openBrowser, untilFileEnds } from '@streamdb/example-shared/testing'
import type { Lifetime } from '@streamdb/example-shared/testing'
import { vi } from 'vitest'
import { AgentsPage, expectedErrors } from './agents-page.ts'
import { AgentsServer, createSession } from './agents-server.ts'

// They run at the same time, and wait for words that stream: on a busy machine that takes long, and is no failure. More of them
// at once would wait for each other.
vi.setConfig({ testTimeout: 300_000, maxConcurrency: 3 })

/** The context of a test: what it opens ends with it. */
export interface TestContext {
  readonly onTestFinished: Lifetime
}

/** Two windows of a session. */
export type Room = readonly [ada: AgentsPage, grace: AgentsPage]

/** One server for all tests of a file, started with the first. */
export interface Rooms {
  readonly url: () => Promise<string>
  /** Opens a session of its own as Ada and as Grace. */
  readonly open: (context: TestContext) => Promise<Room>
}

/** Shares a server, whose agents write this fast, among the tests of the file that calls it at its top level. */
export function roomsOfFile(tokensPerSecond = 30): Rooms {
  const lifetime = untilFileEnds()
  let server: Promise<{ readonly url: string }> | undefined
  const url = async (): Promise<string> =>
    (await (server ??= AgentsServer.start({ tokensPerSecond, lifetime }))).url
  return { url, open: async (context) => openRoom(await url(), context) }
}

/** Opens a session of its own as Ada and as Grace, for as long as a test runs. */
export async function openRoom(url: string, { onTestFinished }: TestContext): Promise<Room> {
  const browser = await openBrowser(expectedErrors, onTestFinished)
  const id = await createSession(url, 'The opening room')
  // What streams in a hidden tab is drawn once a second: two windows of every room would keep both cores busy.
  const open = async (name: string) =>
    new AgentsPage(await browser.openTab(`${url}/?as=${name}#${id}`)).ready()
  return [await open('ada'), await open('grace')]
}
