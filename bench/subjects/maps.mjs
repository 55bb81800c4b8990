import { definitionsOf } from '../lib/definitions.mjs'

/**
 * Opens the least that rows on demand can be: fetch, `JSON.parse`, validation, and the last row a key in a Map. Nothing is
 * in TanStack DB, and it knows of no failure.
 */
export function open({ url, kind }) {
  const collections = {}
  const byType = new Map()
  for (const [name, { type, schema }] of Object.entries(definitionsOf(kind))) {
    collections[name] = new Map()
    byType.set(type, { rows: collections[name], validate: schema['~standard'].validate })
  }

  async function load() {
    for (let offset = '-1'; ;) {
      const response = await fetch(`${url}?offset=${offset}`)
      for (const { type, key, value } of JSON.parse(await response.text())) {
        const { rows, validate } = byType.get(type)
        const result = validate(value)
        if (result.issues) throw new Error(`${key} is invalid`)
        rows.set(key, result.value)
      }
      offset = response.headers.get('stream-next-offset') ?? offset
      if (response.headers.has('stream-up-to-date')) return
    }
  }

  return { collections, load, close: () => undefined }
}
