import { startScriptedServer } from './scripted-server.ts'
import type { ScriptedServer } from './scripted-server.ts'

/** An answer of the server behind, and what was asked. */
export interface AnswerToCache {
  readonly answer: Response
  readonly query: URLSearchParams
}

/**
 * Starts a server that passes requests for JSON streams on to `server`, and says itself how long its answers may be kept:
 * `cacheControl` returns the header. It counts what it is asked.
 */
export function startCachingServer(
  server: { readonly url: string },
  cacheControl: (asked: AnswerToCache) => string,
): Promise<ScriptedServer> {
  return startScriptedServer(async ({ method, path, query, body }, reply) => {
    const answer = await fetch(`${server.url}${path}?${query}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(method === 'POST' && { body }),
    })
    const headers = Object.fromEntries(
      [...answer.headers].filter(([name]) => /^(content-type|stream-)/.test(name)),
    )
    headers['cache-control'] = cacheControl({ answer, query })
    reply.response.writeHead(answer.status, headers).end(await answer.text())
  })
}
