import type { AgentRun } from '../agent-run.ts'
import type { TextWriter } from '../run-output.ts'
import type { ToolCall } from '../run-tools.ts'
import type { ModelEvent, PlayOptions } from './play.ts'
import { toScriptInput } from './script-messages.ts'
import type { ScriptInput, ScriptMessage } from './script-messages.ts'

/** Tools by name: what runs them, and whether somebody is asked before. One without `run` is answered by a participant. */
export type ScriptedTools = Readonly<Record<string, Pick<ToolCall<unknown, unknown>, 'run' | 'approval'>>>

interface AnswerOptions {
  readonly respond: (input: ScriptInput, options: PlayOptions) => AsyncIterable<ModelEvent>
  readonly tools: ScriptedTools
}

type Call = Extract<ModelEvent, { readonly type: 'tool-call' }>

/** Answers a run, turn by turn, until the model calls no tool. */
export async function answerRun(run: AgentRun, { respond, tools }: AnswerOptions): Promise<void> {
  const { signal } = run
  const given = toScriptInput(run.messages())
  const said: ScriptMessage[] = []
  for (let turn = 0; ; turn++) {
    const input = { ...given, messages: [...given.messages, ...said], turn }
    const { calls, text } = await writeTurn(run, respond(input, { signal }))
    if (calls.length === 0) return
    said.push({ role: 'assistant', text })
    for (const call of calls) said.push({ role: 'tool', text: await callTool(run, call, tools) })
  }
}

async function writeTurn(
  run: AgentRun,
  events: AsyncIterable<ModelEvent>,
): Promise<{ readonly calls: readonly Call[]; readonly text: string }> {
  const calls: Call[] = []
  let text = ''
  let open: TextWriter | undefined
  try {
    for await (const event of events) {
      const isText = event.type !== 'tool-call'
      if (open !== undefined && open.part.kind !== event.type) {
        await open.end()
        open = undefined
      }
      if (isText) {
        open ??= run.openText(event.type)
        open.write(event.text)
        if (event.type === 'text') text += event.text
      } else calls.push(event)
    }
  } catch (error) {
    // When the run is to end, its end settles the part.
    if (!run.signal.aborted) await open?.end({ state: 'failed' })
    throw error
  }
  await open?.end()
  return { calls, text }
}

/** Returns what the tool returned, or what it failed with, as a model is told of it. */
async function callTool(run: AgentRun, { id, name, input }: Call, tools: ScriptedTools): Promise<string> {
  try {
    return JSON.stringify(await run.tool({ id, name, input, ...tools[name] })) ?? ''
  } catch (error) {
    run.signal.throwIfAborted()
    return error instanceof Error ? error.message : String(error)
  }
}
