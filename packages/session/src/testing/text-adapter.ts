import type { ModelEvent, PlayOptions } from './play.ts'

/** A chunk of TanStack AI (AG-UI): the kinds that a script makes. */
export type AdapterChunk = { readonly timestamp: number } & (
  | { readonly type: 'RUN_STARTED'; readonly runId: string; readonly threadId: string }
  | { readonly type: 'TEXT_MESSAGE_START'; readonly messageId: string; readonly role: 'assistant' }
  | { readonly type: 'TEXT_MESSAGE_CONTENT'; readonly messageId: string; readonly delta: string }
  | { readonly type: 'TEXT_MESSAGE_END'; readonly messageId: string }
  | { readonly type: 'REASONING_START' | 'REASONING_END'; readonly messageId: string }
  | { readonly type: 'REASONING_MESSAGE_START'; readonly messageId: string; readonly role: 'reasoning' }
  | { readonly type: 'REASONING_MESSAGE_CONTENT'; readonly messageId: string; readonly delta: string }
  | { readonly type: 'REASONING_MESSAGE_END'; readonly messageId: string }
  | { readonly type: 'TOOL_CALL_START'; readonly toolCallId: string; readonly toolCallName: string }
  | { readonly type: 'TOOL_CALL_ARGS'; readonly toolCallId: string; readonly delta: string }
  | { readonly type: 'TOOL_CALL_END'; readonly toolCallId: string; readonly input: unknown }
  | {
      readonly type: 'RUN_FINISHED'
      readonly runId: string
      readonly threadId: string
      readonly finishReason: 'stop' | 'tool_calls'
    }
  | {
      readonly type: 'RUN_ERROR'
      readonly message: string
      readonly runId: string
      readonly threadId: string
    }
)

/** What a call of the toolkit gives. */
interface ChatOptions {
  readonly messages: readonly unknown[]
  readonly runId?: string | undefined
  readonly threadId?: string | undefined
  readonly abortController?: AbortController | undefined
}

/** A `TextAdapter` of TanStack AI. */
export interface ScriptedTextAdapter {
  readonly kind: 'text'
  readonly name: string
  readonly model: 'scripted'
  readonly '~types': {
    providerOptions: Record<string, unknown>
    inputModalities: readonly ['text', 'image', 'audio', 'video', 'document']
    messageMetadataByModality: {
      text: unknown
      image: unknown
      audio: unknown
      video: unknown
      document: unknown
    }
    toolCapabilities: readonly string[]
    toolCallMetadata: unknown
    systemPromptMetadata: never
  }
  /**
   * Its chunks are `AdapterChunk`s. They are of no type here, as the toolkit names their kinds by an enum, which no string is
   * assignable to, and which cannot be had without the toolkit.
   */
  chatStream(options: ChatOptions): AsyncIterable<never>
  structuredOutput(options: {
    readonly chatOptions: ChatOptions
  }): Promise<{ data: unknown; rawText: string }>
}

type Answer = (messages: readonly unknown[], options: PlayOptions) => AsyncIterable<ModelEvent>

/** Returns a model in the form of TanStack AI. */
export function toTextAdapter(answer: Answer): ScriptedTextAdapter {
  return {
    kind: 'text',
    name: 'scripted',
    model: 'scripted',
    // Read by the compiler alone.
    '~types': undefined as unknown as ScriptedTextAdapter['~types'],
    // See the interface.
    chatStream: (options) => toChunks(answer, options) as AsyncIterable<unknown> as AsyncIterable<never>,
    async structuredOutput({ chatOptions }) {
      let rawText = ''
      const signal = chatOptions.abortController?.signal
      for await (const event of answer(chatOptions.messages, { signal })) {
        if (event.type === 'text') rawText += event.text
      }
      return { data: JSON.parse(rawText) as unknown, rawText }
    },
  }
}

async function* toChunks(
  answer: Answer,
  { messages, runId = `run-${messages.length}`, threadId = 'scripted', abortController }: ChatOptions,
): AsyncGenerator<AdapterChunk, void, undefined> {
  const run = { runId, threadId }
  let calls = 0
  let parts = 0
  let open: { readonly type: 'text' | 'reasoning'; readonly messageId: string } | undefined
  yield { type: 'RUN_STARTED', ...run, ...now() }
  try {
    for await (const event of answer(messages, { signal: abortController?.signal })) {
      if (open !== undefined && open.type !== event.type) {
        yield* endText(open)
        open = undefined
      }
      if (event.type === 'tool-call') {
        const toolCallId = event.id ?? `call-${messages.length}-${calls}`
        calls++
        yield { type: 'TOOL_CALL_START', toolCallId, toolCallName: event.name, ...now() }
        yield { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(event.input), ...now() }
        yield { type: 'TOOL_CALL_END', toolCallId, input: event.input, ...now() }
        continue
      }
      if (open === undefined) {
        open = { type: event.type, messageId: `${runId}-${parts++}` }
        yield* beginText(open)
      }
      const type = event.type === 'text' ? 'TEXT_MESSAGE_CONTENT' : 'REASONING_MESSAGE_CONTENT'
      yield { type, messageId: open.messageId, delta: event.text, ...now() }
    }
  } catch (error) {
    // Whoever aborted has stopped to listen.
    if (abortController?.signal.aborted === true) return
    yield {
      type: 'RUN_ERROR',
      message: error instanceof Error ? error.message : String(error),
      ...run,
      ...now(),
    }
    return
  }
  if (open !== undefined) yield* endText(open)
  yield { type: 'RUN_FINISHED', ...run, finishReason: calls > 0 ? 'tool_calls' : 'stop', ...now() }
}

interface OpenText {
  readonly type: 'text' | 'reasoning'
  readonly messageId: string
}

function* beginText({ type, messageId }: OpenText): Generator<AdapterChunk> {
  if (type === 'text') yield { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', ...now() }
  else {
    yield { type: 'REASONING_START', messageId, ...now() }
    yield { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning', ...now() }
  }
}

function* endText({ type, messageId }: OpenText): Generator<AdapterChunk> {
  if (type === 'text') yield { type: 'TEXT_MESSAGE_END', messageId, ...now() }
  else {
    yield { type: 'REASONING_MESSAGE_END', messageId, ...now() }
    yield { type: 'REASONING_END', messageId, ...now() }
  }
}

function now(): { readonly timestamp: number } {
  return { timestamp: Date.now() }
}
