// @ts-check
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { root } from '../workspace.mjs'

/** What a test file, or a module of its folder, begins that talks to a stream server. */
const startsServer =
  /\b(startStreamServer|startTestServer|streamServerOption)\b|@streamdb\/testkit\/(rooms|tabs)'/

/** A browser test that reaches into the files or the process of the embedded server. */
const needsEmbedded = /\b(startStreamServer|startTestServer)\(\{ dataDir|\bnew DurableStreamTestServer\b/

/** Of those, the few that CI runs on another engine: they start a server themselves, and try no property. */
const startsItself = /\bstartStreamServer\(/
const triesProperty = /\bfc\./

/** A server that is restarted is restarted for everybody. */
const restartsServer = /\b(kit|server|streams|own|source)\.restart\(/

/** Those that run for long or measure are not for every engine; those of browsers run by themselves. */
const isTest = /(?<!\.(browser|slow))\.test\.tsx?$/
const isBrowserTest = /\.browser\.test\.tsx?$/

/** The packages and examples whose tests run on every engine; the command line has a server of its own. */
const folders = ['state', 'log', 'db', 'react', 'persist', 'server', 'session'].map(
  (name) => `packages/${name}/test`,
)

/**
 * Lists the test files that talk to a stream server, with what they import from beside them: those of Node, or those of a
 * browser.
 * @param {{ readonly browser?: boolean | undefined }} [options]
 * @returns {{ readonly file: string, readonly restarts: boolean, readonly isQuick: boolean }[]}
 */
export function serverTests({ browser = false } = {}) {
  const examples = readdirSync(join(root, 'examples')).map((name) => `examples/${name}/test`)
  return [...folders, ...examples]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap(filesIn)
    .filter((file) => (browser ? isBrowserTest : isTest).test(file))
    .sort()
    .flatMap((file) => {
      const sources = sourcesOf(file)
      const text = [...sources.values()].join('\n')
      const own = sources.get(file) ?? ''
      const isQuick = startsItself.test(own) && !triesProperty.test(own)
      if (!startsServer.test(text) || (browser && needsEmbedded.test(text))) return []
      return [{ file, restarts: restartsServer.test(text), isQuick }]
    })
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (!entry.isDirectory()) return [path]
    return entry.name === 'node_modules' ? [] : filesIn(path)
  })
}

/**
 * Reads a file, and what it imports by relative paths, in its own test folder and the one of the fuzz.
 * @param {string} file
 * @param {Map<string, string>} seen
 */
function sourcesOf(file, seen = new Map()) {
  if (seen.has(file) || !/\/(test|fuzz)\//.test(file) || !existsSync(join(root, file))) return seen
  const source = readFileSync(join(root, file), 'utf8')
  seen.set(file, source)
  for (const [, path = ''] of source.matchAll(/(?:from|import) '(\.[^']+\.(?:tsx?|mjs))'/g))
    sourcesOf(posix.join(dirname(file), path), seen)
  return seen
}
