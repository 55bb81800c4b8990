import type { AgentRun, ModelMessage as SessionMessage } from '@streamdb/session'
import type * as AI from 'ai'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'

/** What a model may call, by name; each takes a text. */
export type Tools = Readonly<Record<string, (text: string) => unknown>>

/** A model of a provider. */
export interface RealModel {
  answer(run: AgentRun, options: { readonly name: string; readonly tools: Tools }): Promise<void>
}

/**
 * Returns the model that `AGENTS_MODEL` names; undefined without it: then the agents follow their script.
 *
 * `openai/gpt-5-mini` is asked for through the gateway of the AI SDK (`AI_GATEWAY_API_KEY`). `@ai-sdk/openai:gpt-5-mini`
 * uses a provider's own package, once it is installed in this example, with the keys that it reads itself.
 */
export async function loadModel(name = process.env['AGENTS_MODEL']): Promise<RealModel | undefined> {
  if (name === undefined || name === '') return undefined
  const { stepCountIs, streamText, tool } = await load<typeof AI>('ai')
  const model = await resolveModel(name)
  return {
    async answer(run, { name: agent, tools }) {
      const { fullStream } = streamText({
        model,
        system: `You are ${agent}, one of two agents in a conversation about an exhibition. Answer briefly, in Markdown.`,
        messages: run.messages().flatMap(toMessage),
        abortSignal: run.signal,
        stopWhen: stepCountIs(6),
        // What fails is thrown below, and told by the run.
        maxRetries: 0,
        onError: () => {},
        tools: Object.fromEntries(
          Object.entries(tools).map(([id, call]) => [
            id,
            tool({
              description: id.replaceAll('_', ' '),
              inputSchema: z.object({ text: z.string() }),
              execute: async (input) => run.tool({ name: id, input, run: async ({ text }) => call(text) }),
            }),
          ]),
        ),
      })
      await run.text(textsOf(fullStream))
    },
  }
}

/** What matters of a piece of the stream. */
interface Piece {
  readonly type: string
  readonly text?: string
  readonly error?: unknown
}

/** Returns the words alone; throws what fails, which the stream of texts would end with and not say. */
async function* textsOf(stream: AsyncIterable<Piece>): AsyncGenerator<string> {
  for await (const part of stream) {
    if (part.type === 'text-delta') yield part.text ?? ''
    if (part.type === 'error') {
      throw part.error instanceof Error ? part.error : new Error(String(part.error))
    }
  }
}

/** Texts are enough for this conversation; `@streamdb/session/ai-sdk` gives tool calls and files, too. */
function toMessage({ role, content }: SessionMessage) {
  const text = content
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('\n')
    .trim()
  return text === '' || role === 'tool' ? [] : [{ role, content: text }]
}

/** The name of a model that the gateway knows, or a model of a provider's package. */
async function resolveModel(name: string) {
  const [, from, id] = /^(@?[\w./-]+):(.+)$/.exec(name) ?? []
  if (from === undefined || id === undefined) return name
  const provider = await load<Readonly<Record<string, (id: string) => AI.LanguageModel>>>(from)
  // `@ai-sdk/openai` exports its provider as `openai`.
  const create = provider[from.split('/').at(-1) ?? '']
  if (create === undefined) throw new Error(`${from} exports no provider of its own name`)
  return create(id)
}

/** Loads a package that is installed in the example: this program is built into a folder elsewhere. */
async function load<Module>(name: string): Promise<Module> {
  const require = createRequire(`${process.env['AGENTS_ROOT'] ?? process.cwd()}/package.json`)
  // Whoever names the package knows what it is.
  return (await import(/* @vite-ignore */ pathToFileURL(require.resolve(name)).href)) as Module
}
