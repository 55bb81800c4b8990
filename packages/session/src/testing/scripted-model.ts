import { answerRun } from './answer-run.ts'
import type { ScriptedTools } from './answer-run.ts'
import { toLanguageModel } from './language-model.ts'
import type { ScriptedLanguageModel } from './language-model.ts'
import { play } from './play.ts'
import type { ModelEvent, PlayOptions } from './play.ts'
import { scriptFor } from './script.ts'
import type { Scripted } from './script.ts'
import { toScriptInput } from './script-messages.ts'
import type { ScriptInput } from './script-messages.ts'
import { toTextAdapter } from './text-adapter.ts'
import type { ScriptedTextAdapter } from './text-adapter.ts'
import type { AgentRun } from '../agent-run.ts'

/** A model that says what it is told to, without a network. */
export interface ScriptedModel {
  /** What it was asked, in order. */
  readonly calls: readonly ScriptInput[]
  /** Answers messages (of a session, the AI SDK or TanStack AI); iterating throws what the script fails with. */
  events(messages: readonly unknown[], options?: PlayOptions): AsyncGenerator<ModelEvent, void, undefined>
  /** As `events`, the text alone: `run.text(model.stream(run.messages(), run))`. */
  stream(messages: readonly unknown[], options?: PlayOptions): AsyncGenerator<string, void, undefined>
  /** Answers a run of a session's agent: texts, reasoning, and tools, whose results begin its next turn. */
  answer(run: AgentRun, options?: { readonly tools?: ScriptedTools | undefined }): Promise<void>
  /** Returns the model as the AI SDK 6 and 7 take it: `streamText({ model: model.languageModel() })`. */
  languageModel(): ScriptedLanguageModel
  /** Returns the model as TanStack AI takes it: `chat({ adapter: model.textAdapter() })`. */
  textAdapter(): ScriptedTextAdapter
}

/**
 * Makes a model of a script: for tests, examples, and pages without a provider. What it says depends on the script and on
 * the messages alone, so that a process that takes over says the same.
 *
 * @example
 * ```ts
 * const model = scriptedModel(['Hello ', { text: 'there', tokensPerSecond: 50 }])
 * session.agent({ name: 'parrot', handle: (run) => run.text(model.stream(run.messages(), run)) })
 * ```
 */
export function scriptedModel(
  scripted: Scripted,
  defaults: Pick<PlayOptions, 'tokensPerSecond'> = {},
): ScriptedModel {
  const calls: ScriptInput[] = []
  const respond = (input: ScriptInput, { signal, tokensPerSecond }: PlayOptions = {}) => {
    calls.push(input)
    const rate = tokensPerSecond ?? defaults.tokensPerSecond
    return play(scriptFor(scripted, input), { signal, tokensPerSecond: rate })
  }
  const events: ScriptedModel['events'] = (messages, options) => respond(toScriptInput(messages), options)
  return {
    calls,
    events,
    async *stream(messages, options) {
      for await (const event of events(messages, options)) if (event.type === 'text') yield event.text
    },
    answer: (run, { tools = {} } = {}) => answerRun(run, { respond, tools }),
    languageModel: () => toLanguageModel(events),
    textAdapter: () => toTextAdapter(events),
  }
}
