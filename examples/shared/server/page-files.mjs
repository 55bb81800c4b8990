import { extname } from 'node:path'
import { buildOnce } from './build-once.mjs'
import { encodeBody } from './content-encoding.mjs'

/** @type {Readonly<Record<string, string>>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/**
 * A file of the page.
 * @typedef {{ readonly bodies: ReturnType<typeof encodeBody>, readonly headers: import('node:http').OutgoingHttpHeaders }} PageFile
 */

/**
 * Builds the page in memory, in about a second: there is no build step, and no folder that two servers share.
 *
 * Vite's development server would reload the page when the server comes back; the page is to show that it recovers by
 * itself.
 * @param {string} root The page's folder, with a slash at its end and a `vite.config.mjs` in it.
 * @returns {Promise<(path: string) => PageFile | undefined>} Finds a file by the path of its address.
 */
export async function buildPage(root) {
  // Any other value builds React for development, several times slower. `NODE_ENV=development` asks for that: the inspector
  // is in the page then.
  const mode = process.env['NODE_ENV'] === 'development' ? 'development' : 'production'
  process.env['NODE_ENV'] = mode
  const files = await buildOnce(`${mode} page ${root}`, async () => buildFiles(root))
  return (path) => files.get(path === '/' ? '/index.html' : path)
}

/** @param {string} root */
async function buildFiles(root) {
  const { build } = await import('vite')
  const built = await build({
    ...{ root, configFile: `${root}vite.config.mjs`, configLoader: 'native', logLevel: 'warn' },
    build: { write: false, reportCompressedSize: false, chunkSizeWarningLimit: 2_000 },
  })
  if (!('output' in built)) throw new Error('Expected one build from Vite but received several')
  /** @type {Map<string, PageFile>} */
  const files = new Map()
  for (const file of built.output) {
    const name = `/${file.fileName}`
    const headers = {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      // The name of an asset contains a hash of its content; `index.html` has the same name for ever.
      'cache-control': name.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
    }
    files.set(name, { bodies: encodeBody(file.type === 'chunk' ? file.code : file.source), headers })
  }
  return files
}
