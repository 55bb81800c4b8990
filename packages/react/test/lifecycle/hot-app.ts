import react from '@vitejs/plugin-react'
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import type { ViteDevServer } from 'vite'
import type { Scene } from './app/main.tsx'

const app = fileURLToPath(new URL('app', import.meta.url))
const packages = fileURLToPath(new URL('../../..', import.meta.url))

/** A copy of `app/`, served by Vite as to somebody who works on it. */
export interface HotApp {
  /** Returns the address of a page that shows the stream at `stream`. */
  address(scene: Scene, stream: string): string
  /** Saves `file` with `text` instead of `old`. Throws where that is not there. */
  edit(file: string, old: string, text: string): Promise<void>
  close(): Promise<void>
}

/** A folder for copies of `app/`, which keeps what Vite prepares. */
export async function makeHotFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'streamdb-life-')))
  await symlink(join(packages, 'react/node_modules'), join(path, 'node_modules'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Serves a fresh copy of `app/` from `folder`: the edits of the test before are gone. */
export async function startHotApp(folder: string): Promise<HotApp> {
  await cp(app, folder, { recursive: true })
  const server = await createServer({
    root: folder,
    configFile: false,
    logLevel: 'warn',
    cacheDir: join(folder, '.vite'),
    plugins: [react()],
    resolve: { alias: { '@streamdb/react': join(packages, 'react/src/index.ts') } },
    server: {
      host: '127.0.0.1',
      port: 0,
      fs: { strict: false },
      // Only the copy is edited: somebody may be at work on the packages while the test runs.
      watch: { ignored: [join(packages, '**')] },
    },
  })
  await server.listen()
  const origin = originOf(server)
  return {
    address: (scene, stream) => `${origin}/?${new URLSearchParams({ scene, stream }).toString()}`,
    async edit(file, old, text) {
      const path = join(folder, file)
      const before = await readFile(path, 'utf8')
      if (!before.includes(old)) throw new Error(`${file} does not say ${old}`)
      await writeFile(path, before.replace(old, text))
    },
    close: () => server.close(),
  }
}

function originOf({ httpServer }: ViteDevServer): string {
  const address = httpServer?.address()
  if (typeof address !== 'object' || address === null) throw new Error('Vite has no address')
  return `http://127.0.0.1:${address.port}`
}
