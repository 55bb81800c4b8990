import { inertPolicy, refuseWith } from '@streamdb/example-shared/server'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Returns what lets pages save the files that jobs wrote. They are saved, never shown.
 * @param {string} folder
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse,
 *   target: import('@streamdb/example-shared/server').Target) => Promise<void>}
 */
export function serveOutput(folder) {
  return async (request, response, { path }) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const text = `Expected GET, HEAD but received ${request.method}.`
      return refuseWith(request, response, { status: 405, text, headers: { allow: 'GET, HEAD' } })
    }
    const name = decode(path.slice('/output/'.length))
    // A name in the folder itself: no separator of any system, no drive, no dots alone.
    const isName = name !== undefined && /^[\w-]{1,64}\.[^/\\:\0]{1,255}$/.test(name)
    const file = isName ? await open(join(folder, name)).catch(() => undefined) : undefined
    if (file === undefined)
      return refuseWith(request, response, { status: 404, text: 'There is no such file.' })
    const { size } = await file.stat()
    response.writeHead(200, {
      ...{ 'content-type': 'application/octet-stream', 'content-length': size, 'cache-control': 'no-store' },
      ...{ 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' },
      ...{ 'cross-origin-resource-policy': 'same-origin', 'content-security-policy': inertPolicy },
    })
    if (request.method === 'HEAD') {
      await file.close()
      response.end()
      return
    }
    // Closes the file at its end.
    file
      .createReadStream()
      .on('error', () => response.destroy())
      .pipe(response)
  }
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
