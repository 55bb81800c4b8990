import { SessionError } from '@streamdb/session'
import type { AgentRun } from '@streamdb/session'
import type { Agent, OpenedSession } from './agent.ts'
import { searchArchive } from './archive.ts'
import type { Entry } from './archive.ts'
import { loadModel } from './real-model.ts'
import { requestOf } from './request.ts'
import type { Request } from './request.ts'
import { closing, describeFile, opening, paragraphs, program, table, thinking } from './scout-words.ts'
import { say } from './speech.ts'

/** Looks things up in the archive, and orders scans when somebody has approved. */
export const scout: Agent = {
  name: 'scout',
  title: 'Scout',
  description: 'Looks things up in the archive',
  triggers: ['mention'],
  concurrency: 'queue',
  async handle(run, session) {
    const model = await loadModel()
    if (model !== undefined) {
      await model.answer(run, { name: 'Scout', tools: { search_archive: searchArchive } })
      return
    }
    const request = requestOf(run, { names: ['scout', 'quill'] })
    if (session.collections.agents.has(request.author)) await answerAgent(run, request)
    else await answerPerson(run, request, session)
  },
}

async function answerPerson(run: AgentRun, request: Request, session: OpenedSession): Promise<void> {
  const { signal } = run
  await run.step('think', async () => run.reasoning(say(thinking(request), signal)))
  // Taken over by another process, the search is not made again.
  const hits = await run.step('search', async () => search(run, request.text))
  for (const id of request.attachments) await lookAt(run, id, session)
  const order = /\b(order|scan|buy|copy of)\b/i.test(request.text) ? await orderScan(run, hits[0]) : undefined
  const [hit] = hits
  await run.text(answer(run, { request, hits, order }))
  if (hit !== undefined) await run.part({ kind: 'source', url: hit.source, name: hit.title })
}

/** What another agent asks is answered in a sentence, and calls upon nobody: so the two come to an end. */
async function answerAgent(run: AgentRun, { text }: Request): Promise<void> {
  const [hit] = await run.step('search', async () => search(run, text))
  const words =
    hit === undefined
      ? 'I find nothing about it.'
      : `It is right: **${hit.title}**, ${hit.place} ${hit.year} (${hit.id}).`
  await run.text(say(words, run.signal))
}

function search(run: AgentRun, query: string): Promise<readonly Entry[]> {
  return run.tool({
    name: 'search_archive',
    input: { query },
    run: async (input) => searchArchive(input.query).slice(0, 3),
  })
}

async function lookAt(run: AgentRun, id: string, session: OpenedSession): Promise<void> {
  const attachment = session.collections.attachments.get(id)
  if (attachment === undefined) return
  const { name, mediaType } = attachment
  await run.tool({
    name: 'read_attachment',
    input: { name },
    run: async (_, { signal }) => describeFile(mediaType, await session.attachments.read(id, { signal })),
  })
}

/** Asks the participants, and returns what became of the order. */
async function orderScan(run: AgentRun, entry: Entry | undefined): Promise<string | undefined> {
  if (entry === undefined) return undefined
  try {
    const { number } = await run.step('order', async () =>
      run.tool({
        name: 'order_scan',
        input: { entry: entry.id, title: entry.title, price: '40 €' },
        approval: { question: `Order a scan of ${entry.title} for 40 €?`, expiresIn: 10 * 60_000 },
        run: async () => ({ number: `S-${entry.id.slice(2)}`, ready: 'within two days' }),
      }),
    )
    return `The scan of **${entry.title}** is ordered: number \`${number}\`, ready within two days.`
  } catch (error) {
    if (!(error instanceof SessionError) || (error.code !== 'denied' && error.code !== 'expired')) throw error
    return error.code === 'denied'
      ? 'Nothing was ordered, as you decided.'
      : 'Nobody decided in time, so nothing was ordered.'
  }
}

interface Findings {
  readonly request: Request
  readonly hits: readonly Entry[]
  readonly order: string | undefined
}

/** Streams the answer; between its paragraphs it takes what the participants have said meanwhile. */
async function* answer(run: AgentRun, { request, hits, order }: Findings): AsyncGenerator<string> {
  if (order !== undefined) yield* say(`${order}\n\n`, run.signal)
  yield* say(`${opening(request, hits)}\n\n`, run.signal)
  for (const paragraph of paragraphs(hits)) {
    yield* say(`${paragraph}\n\n`, run.signal)
    for (const { parts } of await run.takeSteers()) {
      const asked = parts.map(({ text = '' }) => text).join(' ')
      if (/short|brief|enough|that will do/i.test(asked)) {
        yield* say(`In short, then: ${closing(hits)}`, run.signal)
        return
      }
      yield* say(`On *${asked}*: ${searchArchive(asked)[0]?.facts[0] ?? ''}\n\n`, run.signal)
    }
  }
  if (/\b(code|program)\b/i.test(request.text)) yield* say(`${program}\n\n`, run.signal)
  yield* say(`${table(hits)}\n\n${closing(hits)}`, run.signal)
}
