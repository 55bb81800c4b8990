// Renders a live query by the hooks, required.

const { createElement } = require('react')
const { renderToStaticMarkup } = require('react-dom/server')
const {
  createStateSchema,
  createStreamDB,
  StreamDBProvider,
  useLiveQuery,
  useStreamDB,
} = require('@streamdb/react')

const schema = { '~standard': { version: 1, vendor: 'handwritten', validate: (value) => ({ value }) } }
const state = createStateSchema({
  users: { schema, type: 'user', primaryKey: 'id' },
  messages: { schema, type: 'message', primaryKey: 'id' },
})

function Names() {
  const { users } = useStreamDB().collections
  const { data } = useLiveQuery({ query: (q) => q.from({ user: users }) })
  return data.map(({ name }) => name).join()
}

async function main(url) {
  const db = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state, live: false })
  await db.preload()
  console.log(renderToStaticMarkup(createElement(StreamDBProvider, { db }, createElement(Names))))
  db.close()
}

void main(process.argv[2])
