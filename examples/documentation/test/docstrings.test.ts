import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { StreamDBProvider } from '@streamdb/react'
import { DirectoryProvider, SessionProvider } from '@streamdb/session/react'
import { needs } from '@streamdb/testkit'
import type { Need } from '@streamdb/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { compile } from './compile.ts'
import { examples, moduleOf } from './docstrings.ts'
import type { Example, Surroundings } from './docstrings.ts'
import { root } from './documents.ts'
import * as surroundings from './surroundings.ts'
import * as sessionSurroundings from './surroundings-session.ts'
import * as stateSurroundings from './surroundings-state.ts'
import * as testingSurroundings from './surroundings-testing.ts'

const folder = fileURLToPath(new URL('../examples', import.meta.url))
const all = examples()

/** The names in a package's API report, types too. */
function exportsOf(name: string): string[] {
  const [short = '', entry] = name.replace('@streamdb/', '').split('/')
  // Of the entries beside the first one there are no reports: an example imports their types by itself.
  if (entry !== undefined) return []
  const report = join(root, 'packages', short, 'api', `${short}.api.md`)
  if (!existsSync(report)) throw new Error(`${name} has no API report: npm run api`)
  const text = readFileSync(report, 'utf8')
  const declared = [
    ...text.matchAll(
      /^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type|namespace) (\w+)/gm,
    ),
  ]
  const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(','),
  )
  return [
    ...declared.map(([, one = '']) => one),
    ...passedOn.map((one) => one.replace(/^\s*type /, '').trim()),
  ].filter(Boolean)
}

async function surroundingsOf(name: string): Promise<Surroundings> {
  const values = Object.keys((await import(/* @vite-ignore */ name)) as object)
  const types = exportsOf(name).filter((one) => !values.includes(one))
  const [scope, short, entry] = name.split('/')
  const main =
    entry === undefined ? [] : Object.keys((await import(/* @vite-ignore */ `${scope}/${short}`)) as object)
  const [from, fixtures] = fixturesOf(name)
  return { values, types, main, fixtures: Object.keys(fixtures), fixturesFrom: `../test/${from}` }
}

function fixturesOf(name: string): readonly [string, object] {
  // Without collections, the state of a stream is a MaterializedState.
  if (name === '@streamdb/state') return ['surroundings-state.ts', stateSurroundings]
  if (name.startsWith('@streamdb/session/')) return ['surroundings-session.ts', sessionSurroundings]
  if (name === '@streamdb/testing') return ['surroundings-testing.ts', testingSurroundings]
  return ['surroundings.ts', surroundings]
}

const fileOf = ({ where, language }: Example): string =>
  join(folder, `${where.replace(/[^\w]+/g, '-')}.${language}`)

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const example of all) {
    writeFileSync(fileOf(example), moduleOf(example, await surroundingsOf(example.package)))
  }
  // A page of the server that has the streams: relative URLs are resolved against it.
  vi.stubGlobal('location', new URL(surroundings.url))
})

afterAll(async () => {
  vi.unstubAllGlobals()
  sessionSurroundings.session.close()
  await surroundings.close()
})

test('[F-real-33] every example of a docstring compiles, as strictly as the project itself', async () => {
  expect(all.length).toBeGreaterThan(5)
  expect(await compile('tsconfig.examples.json')).toBe('')
}, 60_000)

/** What an example asks of a stream server, by what is in it. */
const asks: readonly (readonly [RegExp, Need])[] = [
  [/\.fork\(/, 'forks'],
  [/\b(createAgentHost|subscribeWebhook)\(/, 'subscriptions'],
]

test.each(all)('[F-real-33] the example at $where runs', async (example) => {
  await needs(...asks.flatMap(([pattern, need]) => (pattern.test(example.code) ? [need] : [])))
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  onTestFinished(() => printed.mockRestore())
  // One that follows a stream has no end: it runs when it prints.
  const first = new Promise<undefined>((resolve) => printed.mockImplementation(() => resolve(undefined)))
  const imported = import(/* @vite-ignore */ fileOf(example)) as Promise<{ Example?: () => null }>
  const module = await (example.code.includes('for await') ? Promise.race([imported, first]) : imported)
  const Component = module?.Example
  if (Component === undefined) return
  const page = createElement(
    StreamDBProvider,
    { db: surroundings.db },
    createElement(
      SessionProvider,
      { session: sessionSurroundings.session },
      createElement(
        DirectoryProvider,
        { url: sessionSurroundings.directoryUrl, me: sessionSurroundings.user },
        createElement(Component),
      ),
    ),
  )
  expect(renderToString(page)).toBe('')
})
