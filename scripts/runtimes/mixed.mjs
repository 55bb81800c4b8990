// A database that was imported, under hooks that were required: two copies of TanStack DB, which has to be said.

import { createRequire } from 'node:module'
import { createStreamDB } from '@streamdb/db'
import { state } from './state.mjs'

const require = createRequire(import.meta.url)
const { createElement } = require('react')
const { renderToStaticMarkup } = require('react-dom/server')
const { StreamDBProvider } = require('@streamdb/react')

const db = createStreamDB({ streamOptions: { url: process.argv[2], warnOnHttp: false }, state, live: false })
try {
  renderToStaticMarkup(createElement(StreamDBProvider, { db }))
  console.log('rendered')
} catch (error) {
  console.log(error.code)
}
