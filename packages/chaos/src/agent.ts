import { openSession } from '@streamdb/session'
import { scriptedModel } from '@streamdb/session/testing'
import { answerTo } from './answer.ts'
import { optionsOf, order, report, save, sleep } from './orders.ts'

// The agent of the session: a scripted model that answers each message word by word.

const { url, out } = optionsOf<{ readonly url: string; readonly out: string }>()
const errors: string[] = []
const model = scriptedModel(({ prompt }) => [
  { text: answerTo(/question-\d+/.exec(prompt)?.[0] ?? prompt), tokensPerSecond: 40 },
])

const session = openSession({
  url,
  me: { id: 'scout' },
  streamOptions: { warnOnHttp: false },
  db: { onError: (error) => void errors.push(`${Date.now()} ${error.code}: ${error.message}`) },
})
await session.preload()
const agent = session.agent({
  name: 'scout',
  handle: (run) => run.text(model.stream(run.messages(), run)),
  onError: (error) => void errors.push(`${Date.now()} agent: ${String(error)}`),
})
await agent.ready
report('ready')
await order('stop')
// Whoever has sent waits for its answers; then nothing is left to do.
report('stopped')
await order('finish')
await Promise.race([agent.stop(), sleep(5_000)])
session.close()
save(out, { errors, asked: model.calls.length })
report('finished')
process.disconnect()
