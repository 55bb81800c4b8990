import { findCapabilities } from '@streamdb/server'
import type { Capabilities, Capability } from '@streamdb/server'
import { TestRunner } from 'vitest'

/**
 * What a test may need of its stream server: something that it can do, that it runs in this process, or that it knows its
 * producers when it was killed and started again.
 */
export type Need = Capability | 'embedded' | 'durable-producers'

let found: Promise<Capabilities> | undefined
let keeps: Promise<boolean> | undefined

/**
 * Skips the test that calls it, or its `beforeEach`, where the stream server of `STREAMDB_SERVER_URL` cannot do that: the
 * reason is what the server answered. The embedded server of a usual run has everything.
 */
export async function needs(...all: readonly Need[]): Promise<void> {
  const { STREAMDB_SERVER_URL: url } = process.env
  if (url === undefined) return
  if (all.includes('embedded')) skip('embedded: the server runs in another process')
  if (all.includes('durable-producers') && !(await (keeps ??= keepsProducers(url))))
    skip('durable-producers: after a restart a producer is unknown')
  for (const name of all) {
    if (name === 'embedded' || name === 'durable-producers') continue
    const { supported, detail } = (await ask(url))[name]
    if (!supported) skip(`${name}: ${detail}`)
    if (name === 'subscriptions')
      skip(`${name}: they know streams by their paths, which are others before a shared server`)
  }
}

/**
 * Tells whether the stream server of `STREAMDB_SERVER_URL` can do that, for a test that has something to say of both: the
 * embedded server of a usual run has everything.
 */
export async function isCapable(name: Capability): Promise<boolean> {
  const { STREAMDB_SERVER_URL: url } = process.env
  return url === undefined || (await ask(url))[name].supported
}

function ask(url: string): Promise<Capabilities> {
  return (found ??= findCapabilities({ url: new URL('capabilities', url).href }))
}

function skip(reason: string): never {
  const test = TestRunner.getCurrentTest()
  if (test === undefined) throw new Error(`Only a test can be skipped, and none runs (${reason})`)
  return test.context.skip(reason)
}

/** Restarts the server between two appends of a producer. Only for files that run alone. */
async function keepsProducers(base: string): Promise<boolean> {
  const { STREAMDB_SERVER_CONTROL: control } = process.env
  if (control === undefined) return false
  const url = new URL(`producers-${process.pid}`, base).href
  const send = (method: string, seq?: number): Promise<Response> =>
    fetch(url, {
      method,
      headers: {
        ...{ 'content-type': 'application/json', connection: 'close' },
        ...(seq !== undefined && { 'producer-id': 'p', 'producer-epoch': '0', 'producer-seq': String(seq) }),
      },
      ...(seq !== undefined && { body: '[1]' }),
    })
  await send('PUT')
  await send('POST', 0)
  await fetch(new URL('restart', control), { method: 'POST', headers: { connection: 'close' } })
  const { ok } = await send('POST', 1)
  await send('DELETE')
  return ok
}
