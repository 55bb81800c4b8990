import type { AgentRun } from '@streamdb/session'
import type { Agent } from './agent.ts'
import { searchArchive } from './archive.ts'
import { loadModel } from './real-model.ts'
import { requestOf } from './request.ts'
import type { Request } from './request.ts'
import { say } from './speech.ts'

const tones = ['Plain', 'Playful']

/** Writes captions, and asks Scout whether they are right. */
export const quill: Agent = {
  name: 'quill',
  title: 'Quill',
  description: 'Writes in the shared notes',
  triggers: ['mention'],
  concurrency: 'queue',
  async handle(run) {
    const model = await loadModel()
    if (model !== undefined) {
      await model.answer(run, { name: 'Quill', tools: {} })
      return
    }
    const request = requestOf(run, { names: ['scout', 'quill'] })
    const tone = await askForTone(run, request)
    const [entry] = searchArchive(request.text)
    if (entry === undefined) return
    const fact = tone === 'Playful' ? entry.facts[1] : entry.facts[0]
    await run.text(say(`**${entry.title}.** ${entry.place}, ${entry.year}. ${fact}`, run.signal))
    await run.text(say(`@scout, is the year right: ${entry.title}, ${entry.year}?`, run.signal))
  },
}

/** Asks the participants, unless the request says it. */
async function askForTone(run: AgentRun, { text }: Request): Promise<string> {
  const named = tones.find((tone) => text.toLowerCase().includes(tone.toLowerCase()))
  if (named !== undefined) return named
  const question = 'Which tone should the caption have?'
  const { value } = await run.ask({ kind: 'input', question, data: { options: tones } })
  return String(value)
}
