import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './documents.ts'

/** An `@example` of a docstring. */
export interface Example {
  /** `packages/db/src/hydration.ts:30`: the file, and the line of the fence. */
  readonly where: string
  /** `@streamdb/db`: the package whose exports the example may use. */
  readonly package: string
  readonly language: 'ts' | 'tsx'
  readonly code: string
}

/** Returns the examples in the docstrings of every published package. */
export function examples(): Example[] {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as {
      readonly name: string
      readonly private?: boolean
      readonly exports?: Readonly<Record<string, string>>
    }
    if (manifest.private === true) return []
    const src = `packages/${folder}/src`
    return readdirSync(join(root, src), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .flatMap((name) => examplesOf(`${src}/${name}`, entryOf(name, manifest)))
  })
}

/** Returns the entry of a package that has what is in a file: `@streamdb/session/react` for `react/use-run.ts`. */
function entryOf(
  file: string,
  { name, exports = {} }: { readonly name: string; readonly exports?: Readonly<Record<string, string>> },
): string {
  const [folder = ''] = file.split(/[\\/]/)
  return exports[`./${folder}`] === `./src/${folder}/index.ts` ? `${name}/${folder}` : name
}

function examplesOf(file: string, name: string): Example[] {
  const text = readFileSync(join(root, file), 'utf8')
  const fence = /^ *\* ```(tsx?)\n((?: *\*.*\n)*?) *\* ```$/gm
  return [...text.matchAll(fence)].map(({ index, 1: language, 2: body = '' }) => ({
    where: `${file}:${text.slice(0, index).split('\n').length}`,
    package: name,
    language: language === 'tsx' ? 'tsx' : 'ts',
    code: body.replace(/^ *\* ?/gm, ''),
  }))
}

/** What an example's file imports: the package's exports, and what its reader has at hand. */
export interface Surroundings {
  /** The package's exports that are values. */
  readonly values: readonly string[]
  /** The package's exports that are types alone. */
  readonly types: readonly string[]
  /** What the first entry of the package exports, for an example of another entry. */
  readonly main: readonly string[]
  /** The names that `fixturesFrom` has for it. */
  readonly fixtures: readonly string[]
  readonly fixturesFrom: string
}

/**
 * Returns a module that runs an example: its free names are imported; hooks are called inside of a component, which the
 * module exports as `Example`.
 */
export function moduleOf(example: Example, surroundings: Surroundings): string {
  const { code } = example
  const declared = new Set(
    [...code.matchAll(/\b(?:const|let|function|class)\s+(?:\{([^}]*)\}|(\w+))/g)].flatMap(
      ([, several, one]) => (several === undefined ? [one] : several.split(',').map((name) => name.trim())),
    ),
  )
  const imported = new Set(
    [...code.matchAll(/^import [^;]*?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
      names.split(',').map((name) => name.trim()),
    ),
  )
  const isFree = (name: string): boolean =>
    !declared.has(name) &&
    !imported.has(name) &&
    // Alone or spread, and no property, part of a word or text.
    new RegExp(`(?<![\\w'"]|(?<!\\.\\.)\\.)${name}\\b(?!['"])`).test(code)
  const { values, types, main, fixtures, fixturesFrom } = surroundings
  const own = new Set([...values, ...types])
  const fromMain = main.filter((name) => isFree(name) && !own.has(name))
  const [scope, short] = example.package.split('/')
  const lines = [
    importOf('import', values.filter(isFree), example.package),
    importOf('import type', types.filter(isFree), example.package),
    importOf('import', fromMain, `${scope}/${short}`),
    importOf(
      'import',
      fixtures.filter((name) => isFree(name) && !own.has(name) && !fromMain.includes(name)),
      fixturesFrom,
    ),
  ]
  const callsHooks = /(?<![.\w])use[A-Z]\w*\(/.test(code) && !/^export /m.test(code)
  const body = callsHooks ? `export function Example() {\n${code}\nreturn null\n}` : code
  return [...lines, body, 'export {}', ''].join('\n')
}

function importOf(keyword: string, names: readonly string[], from: string): string {
  return names.length === 0 ? '' : `${keyword} { ${names.join(', ')} } from '${from}'`
}
