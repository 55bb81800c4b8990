// The same in a worker.

import { readBeside } from './beside-stream.mjs'

export default {
  async fetch() {
    return new Response(await readBeside(STREAM_URL))
  },
}
