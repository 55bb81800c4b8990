// `npm test`: the tests that need only Node and are fast, the types, and the reports of the public API.
// Arguments go to Vitest, which then runs alone: npm test -- packages/db -t 'M3'; --watch (npm run test:watch) waits for changes.

import { join } from 'node:path'
import { root, run, runBin } from './workspace.mjs'

/**
 * The projects of vitest.workspace.ts but `slow`, `browser`, and those that run the same tests once more (`test:variants`).
 * Not by negation: of two of them Vitest runs what either leaves.
 */
const projects =
  'state log db react persist server session testkit testing cli create-streamdb devtools examples scripts'.split(
    ' ',
  )
const chosen = projects.flatMap((name) => ['--project', name])

const args = process.argv.slice(2)
const filters = args.filter((arg) => arg !== '--watch')
if (filters.length < args.length) process.exit(runBin('vitest', ['watch', ...chosen, ...filters]) ? 0 : 1)
const node = process.execPath
const suites = [
  ['tests', () => runBin('vitest', ['run', ...chosen, ...filters])],
  ['types', () => run(node, [join(root, 'scripts/types.mjs')])],
  ['public API', () => run(node, [join(root, 'scripts/api-report.mjs'), '--check'])],
]
// With a filter, only the tests run.
const results = suites.slice(0, filters.length > 0 ? 1 : undefined).map(([name, passes]) => [name, passes()])

const summary = results.map(([name, passed]) => `${name} ${passed ? 'passed' : 'FAILED'}`).join(', ')
process.stdout.write(
  `\n${summary}. Slow tests: npm run test:slow. On demand and on React 18: npm run test:variants. In Chromium: npm run test:browser\n`,
)
if (results.some(([, passed]) => !passed)) process.exitCode = 1
