// `npm test`: everything that needs only Node. Arguments go to Vitest: npm test -- packages/db -t 'M3'

import { join } from 'node:path'
import { root, run, runBin } from './workspace.mjs'

const filters = process.argv.slice(2)
const node = process.execPath
const suites = [
  ['tests', () => runBin('vitest', ['run', '--project', '!browser', ...filters])],
  ['types', () => run(node, [join(root, 'scripts/types.mjs')])],
  ['public API', () => run(node, [join(root, 'scripts/api-report.mjs'), '--check'])],
]
// With a filter someone is at work on one thing, and wants that alone.
const results = suites.slice(0, filters.length > 0 ? 1 : undefined).map(([name, passes]) => [name, passes()])

const summary = results.map(([name, passed]) => `${name} ${passed ? 'passed' : 'FAILED'}`).join(', ')
process.stdout.write(`\n${summary}. In Chromium: npm run test:browser\n`)
if (results.some(([, passed]) => !passed)) process.exitCode = 1
