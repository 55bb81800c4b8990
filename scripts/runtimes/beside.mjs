// Runs a compactor, a reader of its snapshot and a session beside the stream of the first argument, and prints what was said.

import { readBeside } from './beside-stream.mjs'

console.log(await readBeside(process.argv[2]))
