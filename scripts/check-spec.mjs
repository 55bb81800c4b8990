// Checks SPEC.md against the tests: every id that a test names is in it, and every id in it is named by a test. Ids that
// comments refer to (`SPEC M3`) are in it too.
// Ids under "Open" have no test yet; the list may only shrink: `node scripts/check-spec.mjs --shrink` removes those
// that have got one.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isMain, root } from './workspace.mjs'

const openHeading = '## Open'

/** Returns the ids that a SPEC.md defines, in its order, and those that it lists as open. */
export function idsOfSpec(text) {
  const [defining, open = ''] = text.split(`\n${openHeading}\n`)
  return {
    defined: [...defining.matchAll(/^- \*\*([A-Z]{1,2}\d+|F-[a-z]+-\d+|fact \d+)\*\* /gm)].map(
      ([, id]) => id,
    ),
    open: [...open.matchAll(/`([^`]+)`/g)].map(([, id]) => id),
  }
}

/** Returns the ids that the titles in a test file name: `[M3]`, `[F-net-5]`, `[fact 4]`, each in brackets of its own. */
export function idsOfTest(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...code.matchAll(/\[([A-Z]{1,2}\d+|F-[a-z]+-\d+|fact \d+)\]/g)].map(([, id]) => id)
}

/** Returns what is wrong, a line each. `tests` maps a path to its source. */
export function specProblems(spec, tests) {
  const { defined, open } = idsOfSpec(spec)
  const named = new Map()
  for (const [file, source] of tests) for (const id of idsOfTest(source)) named.set(id, named.get(id) ?? file)

  const known = new Set(defined)
  const isOpen = new Set(open)
  return [
    ...defined
      .filter((id, index) => defined.indexOf(id) !== index)
      .map((id) => `SPEC.md: defines ${id} twice.`),
    ...[...named]
      .filter(([id]) => !known.has(id))
      .map(([id, file]) => `${file}: names [${id}], which SPEC.md does not define. Define it there.`),
    ...defined
      .filter((id) => !named.has(id) && !isOpen.has(id))
      .map((id) => `SPEC.md: no test names [${id}]. Name it in the title of the test that shows it.`),
    ...open
      .filter((id) => !known.has(id))
      .map((id) => `SPEC.md: lists ${id} as open and does not define it.`),
    ...open
      .filter((id) => named.has(id))
      .map(
        (id) =>
          `SPEC.md: lists ${id} as open, but ${named.get(id)} tests it. Run node scripts/check-spec.mjs --shrink`,
      ),
  ]
}

/** Returns the references of sources that lead nowhere, a line each: `SPEC M9`, and pages that are not in the repository. */
export function referenceProblems(spec, sources) {
  const known = new Set(idsOfSpec(spec).defined)
  return [...sources].flatMap(([file, source]) => [
    ...[...source.matchAll(/\bSPEC ([A-Z]{1,2}\d+|F-[a-z]+-\d+|fact \d+)/g)]
      .filter(([, id]) => !known.has(id))
      .map(([, id]) => `${file}: refers to SPEC ${id}, which SPEC.md does not define.`),
    ...[...source.matchAll(/\b(?:DESIGN|FAULTS|STYLE) (?:[PMCLW]?\d|F-|fact )/g)].map(
      ([reference]) =>
        `${file}: refers to "${reference}...", which is not in the repository. Refer to SPEC.md.`,
    ),
  ])
}

/** Returns the SPEC.md without the open ids that `tests` name; without the section when none is left. */
export function shrink(spec, tests) {
  const named = new Set([...tests.values()].flatMap(idsOfTest))
  const { open } = idsOfSpec(spec)
  const left = open.filter((id) => !named.has(id))
  return withOpen(spec, left)
}

function withOpen(spec, ids) {
  const [defining] = spec.split(`\n${openHeading}\n`)
  if (ids.length === 0) return `${defining.trimEnd()}\n`
  const text = `No test names these yet. The list only shrinks.\n\n${ids.map((id) => `\`${id}\``).join(' ')}\n`
  return `${defining.trimEnd()}\n\n${openHeading}\n\n${text}`
}

/** Tells tests of Vitest, and the scripts whose checks have names like tests. */
const isTest = (file) =>
  /\.(test|test-d)\.tsx?$/.test(file) || /^scripts.check-(packages|installs|runtimes)\.mjs$/.test(file)

/** Reads every source of the workspace. Those of this script name ids that do not exist, as examples. */
function readSources(folder, files = new Map()) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!/^(node_modules|dist.*|\..*)$/.test(entry.name)) readSources(path, files)
    } else if (/\.(tsx?|mjs)$/.test(entry.name) && !entry.name.startsWith('check-spec.')) {
      files.set(relative(root, path), readFileSync(path, 'utf8'))
    }
  }
  return files
}

if (isMain(import.meta.url)) {
  const path = join(root, 'SPEC.md')
  const sources = readSources(root)
  const tests = new Map([...sources].filter(([file]) => isTest(file)))
  const [flag] = process.argv.slice(2)
  if (flag === '--shrink') writeFileSync(path, shrink(readFileSync(path, 'utf8'), tests))
  const spec = readFileSync(path, 'utf8')
  const problems = [...specProblems(spec, tests), ...referenceProblems(spec, sources)]
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
  else {
    const { defined, open } = idsOfSpec(spec)
    process.stdout.write(`spec: ${defined.length} ids, ${open.length} of them open\n`)
  }
}
