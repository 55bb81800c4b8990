export { buildProgram } from './build-program.mjs'
export { invocationFolder, readCommandLine } from './command-line.mjs'
export { people } from './people.mjs'
export { corsHeaders, inertPolicy } from './response-headers.mjs'
export { refuseWith } from './stream-gateway.mjs'
export { openStreams } from './open-streams.mjs'
export { connectStreamServer } from './remote-stream-server.mjs'
export { readStreamOptions } from './stream-options.mjs'
export { runUntilStopped } from './run-until-stopped.mjs'
export { serveExample } from './serve-example.mjs'
export { streamFetch, streamUrl } from './stream-fetch.mjs'
export { startStreamServer } from './stream-server.mjs'
export { signInCommands, Tokens } from './tokens.mjs'
export { UsageError } from './usage-error.mjs'

/** @typedef {import('./page-server.mjs').Answer} Answer */
/** @typedef {import('./request-target.mjs').Target} Target */
/** @typedef {import('./stream-rules.mjs').StreamRule} StreamRule */
/** @typedef {import('./stream-server.mjs').StreamServer} StreamServer */
