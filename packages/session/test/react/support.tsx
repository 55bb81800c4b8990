import { eventually as inTestkit } from '@streamdb/testkit'
import { act, cleanup } from '@testing-library/react'
import { afterEach, beforeEach, onTestFinished, vi } from 'vitest'
import { openSession } from '../../src/index.ts'
import type { AgentOptions, Session } from '../../src/index.ts'
import { newSessionUrl } from '../support/sessions.ts'

/** As testkit's, with time for a busy machine: a step of a test is heard of by two or three sessions. */
export function eventually<Value>(assertion: () => Value | Promise<Value>): Promise<Value> {
  return inTestkit(assertion, { timeout: 20_000 })
}

/** Longer than a session stays open that nobody uses. */
export const pastIdleTimeout = 6_000

/** Makes timers pass at once where a test says so, and by themselves otherwise. What components have opened is closed. */
export function withPages(): void {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true }))
  afterEach(async () => {
    cleanup()
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    vi.useRealTimers()
  })
}

/** Starts an agent, in a session of its own. */
export async function startAgent(
  url: string,
  handle: AgentOptions['handle'],
  options: Partial<AgentOptions> = {},
): Promise<Session> {
  const host = openSession({ url, me: { id: 'host' } })
  onTestFinished(() => host.close())
  await host.agent({ name: 'bot', handle, ...options }).ready
  return host
}

/** Returns the URL of a new session, and a session of somebody else in it. */
export async function withBob(): Promise<{ readonly url: string; readonly bob: Session }> {
  const url = await newSessionUrl()
  const bob = openSession({ url, me: { id: 'bob' } })
  onTestFinished(() => bob.close())
  await bob.preload()
  return { url, bob }
}

/** Returns the texts of the items that the page lists. */
export function items(): (string | null)[] {
  return Array.from(document.querySelectorAll('li'), (item) => item.textContent)
}

/** Presses the button of that name. */
export async function press(name: string): Promise<void> {
  await act(async () => button(name).click())
}

export function button(name: string): HTMLButtonElement {
  const found = Array.from(document.querySelectorAll('button')).find(
    ({ textContent }) => textContent === name,
  )
  if (found === undefined) throw new Error(`There is no button ${name} in ${document.body.innerHTML}`)
  return found
}
