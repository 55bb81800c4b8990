import { linesThroughGateway } from './gateway-lines.mjs'

console.log(await linesThroughGateway(process.argv[2]))
// Connections to the stream server are kept open for a while.
process.exit(0)
