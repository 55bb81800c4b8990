import { openSession } from '@streamdb/session'
import { answerTo } from './answer.ts'
import { optionsOf, order, report, save, sleep } from './orders.ts'

// The person of the session: asks, and waits for the whole answer before it asks again.

const { url, every, out } = optionsOf<{
  readonly url: string
  readonly every: number
  readonly out: string
}>()
const errors: string[] = []
const asked: string[] = []
let isStopped = false

const session = openSession({
  url,
  me: { id: 'ada' },
  streamOptions: { warnOnHttp: false },
  db: { onError: (error) => void errors.push(`${Date.now()} ${error.code}: ${error.message}`) },
})
await session.preload()
report('ready')
void order('stop').then(() => (isStopped = true))
const finish = order('finish')
for (let n = 1; !isStopped; n++) {
  const text = `question-${n}`
  asked.push(text)
  try {
    await session.send(text)
  } catch (error) {
    errors.push(`${Date.now()} send: ${String(error)}`)
  }
  const until = Date.now() + 90_000
  while (!answers().includes(answerTo(text)) && Date.now() < until) await sleep(50)
  await sleep(every)
}
report('stopped')
await finish
save(out, { asked, answers: answers(), errors, status: session.db.status.name })
session.close()
report('finished')
process.disconnect()

/** The texts of the agent's messages as this participant shows them. */
function answers(): string[] {
  return session
    .toModelMessages()
    .filter(({ role }) => role === 'assistant')
    .map(({ content }) => content.map((part) => (part.type === 'text' ? part.text : '')).join(''))
}
