import { pageDocument } from './files.ts'

/** Where the page is: a folder's address, or one of these names in it. */
const names = new Set(['', 'index.html', 'inspector'])

/**
 * Serves the inspector as a page of its own, below any path: one document without other files. The stream to show is in its
 * query: `?stream=URL`; with `&edit=1` rows may be edited.
 *
 * Answers GET and HEAD of a path that ends in `/`, `/index.html` or `/inspector`; returns `undefined` for any other request:
 * it is somebody else's. Never rejects but where the page of a workspace cannot be built.
 *
 * @example
 * ```ts
 * const response = await inspectorPage(new Request('http://localhost:4437/inspector?stream=/v1/stream/chat'))
 * ```
 */
export async function inspectorPage(request: Request): Promise<Response | undefined> {
  const { method, url } = request
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const name = new URL(url).pathname.split('/').at(-1) ?? ''
  if (!names.has(name)) return undefined
  const { html, scriptHashes } = await pageDocument()
  return new Response(method === 'HEAD' ? null : html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(scriptHashes),
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  })
}

/** Only the page's own script runs; streams may be anywhere. */
function policy(scriptHashes: readonly string[]): string {
  const scripts = scriptHashes.map((hash) => `'sha256-${hash}'`).join(' ')
  return [
    "default-src 'none'",
    `script-src ${scripts}`,
    "style-src 'unsafe-inline'",
    'connect-src *',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')
}
