// What a browser has, and Jest's jsdom does not hand on.

const { TextDecoder, TextEncoder } = require('node:util')

Object.assign(globalThis, {
  TextDecoder,
  TextEncoder,
  MessageChannel: globalThis.MessageChannel ?? require('node:worker_threads').MessageChannel,
})
