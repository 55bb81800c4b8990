// Writes the table of docs/servers.md: what each engine that is installed can do, found by asking it: npm run engines:table
// The columns of one that is not installed stay as they are.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runBin } from '../workspace.mjs'
import { binaryPath, crateOf, engineNames } from './catalog.mjs'
import { loadCapabilities } from './find-capabilities.mjs'
import { startEngine } from './start-engine.mjs'

const file = join(root, 'docs/servers.md')
const [begin, end] = ['<!-- capabilities -->', '<!-- /capabilities -->']
const titles = {
  node: 'Node reference 0.3.7',
  ds: 'durable-streams 0.1.5',
  ursula: 'Ursula 0.11.5, one node',
  'ursula-cluster': 'Ursula 0.11.5, three nodes and the gateway',
}

const { findCapabilities, capabilityNames, capabilityPurposes } = await loadCapabilities()
const text = readFileSync(file, 'utf8')
const [before, old] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(begin), text.indexOf(end))]
const cells = oldCells(old)
for (const name of engineNames) {
  const crate = crateOf(name)
  if (crate !== undefined && !existsSync(binaryPath(crate))) {
    process.stdout.write(`${name} is not installed: its column stays as it is\n`)
    continue
  }
  const engine = await startEngine(name)
  try {
    const found = await findCapabilities({ url: engine.streamUrl('capabilities') })
    for (const each of capabilityNames) {
      const { supported, detail } = found[each]
      cells.set(`${each} ${titles[name]}`, supported ? 'yes' : `no: ${detail.replaceAll('|', '\\|')}`)
    }
  } finally {
    await engine.stop()
  }
}
const columns = engineNames.map((name) => titles[name])
const rows = capabilityNames.map((each) => [
  `\`${each}\``,
  capabilityPurposes[each],
  ...columns.map((title) => cells.get(`${each} ${title}`) ?? '?'),
])
const table = [['', 'What for', ...columns], ['---', '---', ...columns.map(() => '---')], ...rows]
const lines = table.map((row) => `| ${row.join(' | ')} |`)
writeFileSync(file, `${before}${begin}\n\n${lines.join('\n')}\n\n${text.slice(text.indexOf(end))}`)
runBin('prettier', ['--write', '--log-level', 'warn', file])

/** Reads the table that is there: a cell by its row and its column's title. */
function oldCells(markdown) {
  const found = new Map()
  const all = markdown.split('\n').filter((line) => line.startsWith('|'))
  const [head = [], , ...others] = all.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  for (const row of others)
    for (const [index, title] of head.entries())
      if (index > 1) found.set(`${row[0]?.replaceAll('`', '')} ${title}`, row[index] ?? '?')
  return found
}
