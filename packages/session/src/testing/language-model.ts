import type { ModelEvent, PlayOptions } from './play.ts'

/** A chunk of the AI SDK's `LanguageModelV3StreamPart`: the kinds that a script makes. */
export type LanguageModelChunk =
  | { readonly type: 'stream-start'; readonly warnings: [] }
  | { readonly type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'; readonly id: string }
  | {
      readonly type: 'text-delta' | 'reasoning-delta' | 'tool-input-delta'
      readonly id: string
      readonly delta: string
    }
  | { readonly type: 'tool-input-start'; readonly id: string; readonly toolName: string }
  | { readonly type: 'tool-input-end'; readonly id: string }
  | {
      readonly type: 'tool-call'
      readonly toolCallId: string
      readonly toolName: string
      /** JSON. */
      readonly input: string
    }
  | { readonly type: 'error'; readonly error: unknown }
  | { readonly type: 'finish'; readonly usage: Usage; readonly finishReason: FinishReason }

interface Usage {
  readonly inputTokens: {
    readonly total: number
    readonly noCache: number
    readonly cacheRead: undefined
    readonly cacheWrite: undefined
  }
  readonly outputTokens: { readonly total: number; readonly text: number; readonly reasoning: number }
}

interface FinishReason {
  readonly unified: 'stop' | 'tool-calls' | 'error'
  readonly raw: undefined
}

/** What a call of the toolkit gives. */
interface CallOptions {
  readonly prompt: readonly unknown[]
  readonly abortSignal?: AbortSignal | undefined
}

type Content =
  | { type: 'text' | 'reasoning'; text: string }
  | { type: 'tool-call'; toolCallId: string; toolName: string; input: string }

/** A `LanguageModelV3` of the AI SDK 6, which 7 takes too. */
export interface ScriptedLanguageModel {
  readonly specificationVersion: 'v3'
  readonly provider: string
  readonly modelId: string
  readonly supportedUrls: Record<string, RegExp[]>
  doStream(options: CallOptions): Promise<{ stream: ReadableStream<LanguageModelChunk> }>
  doGenerate(
    options: CallOptions,
  ): Promise<{ content: Content[]; finishReason: FinishReason; usage: Usage; warnings: [] }>
}

type Answer = (messages: readonly unknown[], options: PlayOptions) => AsyncIterable<ModelEvent>

/** Returns a model in the form of the AI SDK. */
export function toLanguageModel(answer: Answer): ScriptedLanguageModel {
  return {
    specificationVersion: 'v3',
    provider: 'scripted',
    modelId: 'scripted',
    supportedUrls: {},
    doStream: ({ prompt, abortSignal: signal }) =>
      Promise.resolve({ stream: toStream(toChunks(answer(prompt, { signal }), prompt.length)) }),
    async doGenerate({ prompt, abortSignal: signal }) {
      const content: Content[] = []
      for await (const chunk of toChunks(answer(prompt, { signal }), prompt.length)) {
        if (chunk.type === 'error') throw chunk.error
        if (chunk.type === 'finish') {
          const { usage, finishReason } = chunk
          return { content, usage, finishReason, warnings: [] }
        }
        if (chunk.type === 'text-start') content.push({ type: 'text', text: '' })
        if (chunk.type === 'reasoning-start') content.push({ type: 'reasoning', text: '' })
        if (chunk.type === 'tool-call') content.push({ ...chunk })
        const last = content.at(-1)
        if ('delta' in chunk && last !== undefined && 'text' in last) last.text += chunk.delta
      }
      throw new Error('A scripted model ended without its last chunk')
    },
  }
}

/** Returns the chunks of an answer. `place` makes the ids of tool calls differ within a conversation. */
async function* toChunks(
  events: AsyncIterable<ModelEvent>,
  place: number,
): AsyncGenerator<LanguageModelChunk, void, undefined> {
  const counts = { text: 0, reasoning: 0, calls: 0, parts: 0 }
  let open: { readonly type: 'text' | 'reasoning'; readonly id: string } | undefined
  yield { type: 'stream-start', warnings: [] }
  try {
    for await (const event of events) {
      if (open !== undefined && open.type !== event.type) {
        yield { type: `${open.type}-end`, id: open.id }
        open = undefined
      }
      if (event.type === 'tool-call') {
        const id = event.id ?? `call-${place}-${counts.calls}`
        counts.calls++
        yield* callChunks(id, event.name, JSON.stringify(event.input))
        continue
      }
      if (open === undefined) {
        open = { type: event.type, id: String(counts.parts++) }
        yield { type: `${open.type}-start`, id: open.id }
      }
      counts[event.type]++
      yield { type: `${open.type}-delta`, id: open.id, delta: event.text }
    }
  } catch (error) {
    yield { type: 'error', error }
    yield finish('error', counts)
    return
  }
  if (open !== undefined) yield { type: `${open.type}-end`, id: open.id }
  yield finish(counts.calls > 0 ? 'tool-calls' : 'stop', counts)
}

function* callChunks(id: string, toolName: string, input: string): Generator<LanguageModelChunk> {
  yield { type: 'tool-input-start', id, toolName }
  yield { type: 'tool-input-delta', id, delta: input }
  yield { type: 'tool-input-end', id }
  yield { type: 'tool-call', toolCallId: id, toolName, input }
}

function finish(
  unified: FinishReason['unified'],
  { text, reasoning }: { readonly text: number; readonly reasoning: number },
): LanguageModelChunk {
  const inputTokens = { total: 0, noCache: 0, cacheRead: undefined, cacheWrite: undefined }
  const usage: Usage = { inputTokens, outputTokens: { total: text + reasoning, text, reasoning } }
  return { type: 'finish', usage, finishReason: { unified, raw: undefined } }
}

function toStream<Chunk>(chunks: AsyncGenerator<Chunk, void, undefined>): ReadableStream<Chunk> {
  return new ReadableStream<Chunk>({
    async pull(controller) {
      const next = await chunks.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await chunks.return()
    },
  })
}
