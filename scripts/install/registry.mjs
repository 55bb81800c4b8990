// A registry of the packed packages alone, so that they are installed by name, as users do: `npm i @streamdb/react`.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

/** Starts the registry of `packed`; everything else is for the ordinary one. Returns its URL, and what stops it. */
export async function startRegistry(packed) {
  const packages = new Map(packed.map(({ name, tarball }) => [name, readFileSync(tarball)]))
  const manifests = new Map(
    packed.map(({ name, tarball }) => [
      name,
      JSON.parse(execFileSync('tar', ['-xOf', tarball, 'package/package.json'], { encoding: 'utf8' })),
    ]),
  )
  let url = ''

  function documentOf(name) {
    const manifest = manifests.get(name)
    const tarball = packages.get(name)
    const hash = (algorithm, encoding) => createHash(algorithm).update(tarball).digest(encoding)
    const dist = {
      tarball: `${url}/${name}/-/${hash('sha1', 'hex')}.tgz`,
      shasum: hash('sha1', 'hex'),
      integrity: `sha512-${hash('sha512', 'base64')}`,
    }
    const { version } = manifest
    return {
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
      time: { [version]: '2026-01-01T00:00:00.000Z' },
    }
  }

  const server = createServer((request, response) => {
    const [, name, isTarball] =
      /^\/((?:@[^/]+\/)?[^@/][^/]*)(\/-\/.+)?$/.exec(decodeURIComponent(request.url ?? '')) ?? []
    if (!packages.has(name)) response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    else if (isTarball) response.end(packages.get(name))
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(documentOf(name)))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${server.address().port}`
  return {
    url,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
