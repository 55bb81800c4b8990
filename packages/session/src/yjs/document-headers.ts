import { openStream } from '@streamdb/log'
import type { DocumentContext } from '../documents.ts'

/** Headers of requests, as `streamOptions` of a session take them. */
export type DocumentHeaders = DocumentContext['headers']

/**
 * Resolves with headers for the provider that are asked anew for each request that its client makes.
 *
 * The provider makes some requests by `fetch` itself, and gives it the functions as they are: `fetch` makes a text of them, so
 * theirs is the value that was known last.
 */
export async function providerHeaders(
  url: string,
  headers: DocumentHeaders,
): Promise<Record<string, string | (() => Promise<string>)>> {
  const { stream } = openStream({ url, warnOnHttp: false, ...(headers && { headers }) })
  let latest = await stream.resolveHeaders()
  const asked = Object.keys(latest).map((name): [string, string | (() => Promise<string>)] => {
    if (typeof headers?.[name] !== 'function') return [name, latest[name] ?? '']
    const ask = async (): Promise<string> => {
      latest = await stream.resolveHeaders()
      return latest[name] ?? ''
    }
    return [name, Object.assign(ask, { toString: () => latest[name] ?? '' })]
  })
  return Object.fromEntries(asked)
}
