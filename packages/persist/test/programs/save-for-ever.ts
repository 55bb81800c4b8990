import { createFileBlocks } from '../../src/node/index.ts'
import { createStreamStore } from '../../src/index.ts'
import type { StoredChange } from '@streamdb/log'

// Saves round after round, until it is killed. In each round every row that it writes has the round as its value, and so
// has the checkpoint: whatever is loaded later tells by itself whether it is whole.

const [directory = '', from = '0'] = process.argv.slice(2)
const store = createStreamStore(createFileBlocks(directory))
const opened = await store.open('a stream')
const epoch = await opened.claim()
process.stdout.write('ready\n')
for (let round = Number(from) + 1; ; round++) {
  const replaces = round % 7 === 0 || (await opened.readHead()) === undefined
  const changes: StoredChange[] = []
  // Of a replacing commit all rows, otherwise a third of them.
  for (let row = replaces ? 0 : round % 3; row < 6000; row += replaces ? 1 : 3) {
    changes.push(['row', `r${row}`, { id: `r${row}`, round, text: 'x'.repeat(40) }])
  }
  const head = { checkpoint: { offset: String(round) }, identity: {}, version: 1, types: ['row'] }
  await opened.save({ head, replaces, changes }, epoch)
  process.stdout.write(`${round}\n`)
}
