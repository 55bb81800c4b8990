import { createFileBlocks } from '../../src/node/index.ts'
import { createStreamStore } from '../../src/index.ts'

// Keeps a store open until it is killed.

const [directory = ''] = process.argv.slice(2)
await createStreamStore(createFileBlocks(directory)).open('a stream')
process.stdout.write('open\n')
setInterval(() => undefined, 1000)
