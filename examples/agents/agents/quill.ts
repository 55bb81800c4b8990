import type { AgentRun } from '@streamdb/session'
import { caretAt } from '../src/carets.ts'
import type { Agent, OpenedSession } from './agent.ts'
import { searchArchive } from './archive.ts'
import type { Entry } from './archive.ts'
import { loadModel } from './real-model.ts'
import { requestOf } from './request.ts'
import type { Request } from './request.ts'
import { say } from './speech.ts'

const tones = ['Plain', 'Playful']

/** Writes captions into the shared notes, and asks Scout whether they are right. */
export const quill: Agent = {
  name: 'quill',
  title: 'Quill',
  description: 'Writes in the shared notes',
  triggers: ['mention'],
  concurrency: 'queue',
  async handle(run, session) {
    const model = await loadModel()
    if (model !== undefined) {
      await model.answer(run, {
        name: 'Quill',
        tools: { write_notes: async (text) => writeNotes(run, session, text) },
      })
      return
    }
    const request = requestOf(run, { names: ['scout', 'quill'] })
    const tone = await askForTone(run, request)
    const [entry] = searchArchive(request.text)
    if (entry === undefined) return
    const caption = captionOf(entry, tone)
    const { words } = await run.step('write', async () =>
      run.tool({
        name: 'write_notes',
        input: { heading: entry.title },
        run: async () => writeNotes(run, session, caption),
      }),
    )
    await run.text(say(`The caption of **${entry.title}** is in the notes, ${words} words.`, run.signal))
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

function captionOf({ title, place, year, facts }: Entry, tone: string): string {
  const [first = '', second = ''] = facts
  const body = tone === 'Playful' ? `Look closely. ${second}` : `${first} ${second}`
  return `${title}\n${place}, ${year}. ${body}`
}

/** Writes at the end of the notes, word by word as a person would; everybody sees it, and may write meanwhile. */
async function writeNotes(
  run: AgentRun,
  session: OpenedSession,
  caption: string,
): Promise<{ readonly words: number }> {
  const notes = session.document('notes', { title: 'Notes' })
  try {
    await notes.saved()
    const text = notes.doc.getText('text')
    if (text.length > 0) text.insert(text.length, '\n\n')
    for await (const word of say(caption, run.signal)) {
      text.insert(text.length, word)
      notes.awareness.setLocalStateField('caret', caretAt(text, text.length))
    }
    await notes.saved()
  } finally {
    notes.close()
  }
  return { words: caption.split(/\s+/).length }
}
