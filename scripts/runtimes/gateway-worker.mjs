// A worker whose requests share nothing: each has a gateway of its own.

import { linesThroughGateway } from './gateway-lines.mjs'

export default {
  async fetch() {
    return new Response(await linesThroughGateway(STREAM_URL))
  },
}
