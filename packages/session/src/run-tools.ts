import { firstDecision, valueOf } from './decisions.ts'
import { SessionError } from './errors.ts'
import type { RunOutput } from './run-output.ts'
import type { Question, RunQuestions } from './run-questions.ts'
import type { Part } from './rows.ts'
import type { SessionParts } from './session-parts.ts'
import { shortId } from './short-id.ts'

/** A tool call. */
export interface ToolCall<Input, Output> {
  readonly name: string
  readonly input: Input
  /** The call's id, where a model gave it one. */
  readonly id?: string | undefined
  /** Asks the participants before it runs. */
  readonly approval?: boolean | Pick<Question, 'question' | 'expiresIn'> | undefined
  /** Runs the tool. Without it the participants answer the call, with `session.answer`. */
  readonly run?:
    ((input: Input, context: { readonly signal: AbortSignal }) => Output | Promise<Output>) | undefined
}

/** What a tool call works with. */
export interface ToolContext {
  readonly output: RunOutput
  readonly questions: RunQuestions
  readonly session: SessionParts
  readonly signal: AbortSignal
}

/** Calls a tool for a run: its part says how far it is. */
export async function callTool<Input, Output>(
  { name, input, id: toolCall = shortId(), approval, run }: ToolCall<Input, Output>,
  { output, questions, session, signal }: ToolContext,
): Promise<Output> {
  const asks = approval !== undefined && approval !== false
  const state = run === undefined ? 'awaiting-output' : 'input-available'
  let part: Part = output.newCall({
    toolCall,
    toolName: name,
    input,
    toolState: asks ? 'awaiting-approval' : state,
  })
  const put = async (changes: Partial<Part>, isOpen: boolean): Promise<void> => {
    const next = { ...part, ...changes }
    await output.putCall(next, isOpen)
    part = next
  }
  await put({}, true)
  if (asks) {
    const { question = `Run ${name}?`, expiresIn } = approval === true ? {} : approval
    const answer = await questions
      .ask({ question, expiresIn, toolCall, data: { name, input } })
      .catch(async (error: unknown) => {
        if (!signal.aborted) await put({ toolState: 'denied', error: 'expired' }, false)
        throw error
      })
    // Only a yes is one: an answer in other words is not.
    if (answer.status !== 'approved') {
      const reason = answer.reason ?? `${answer.by} denied it`
      await put({ toolState: 'denied', error: reason }, false)
      throw new SessionError('denied', `The tool "${name}" was not run: ${reason}`)
    }
    await put({ toolState: state }, true)
  }
  try {
    const result = run ? await run(input, { signal }) : await answered<Output>(session, toolCall, signal)
    signal.throwIfAborted()
    await put({ toolState: 'output-available', output: result }, false)
    return result
  } catch (error) {
    if (!signal.aborted) await put({ toolState: 'output-error', error: describe(error) }, false)
    throw error
  }
}

async function answered<Output>(
  session: SessionParts,
  toolCall: string,
  signal: AbortSignal,
): Promise<Output> {
  const decision = await firstDecision(session, toolCall, signal)
  // Whoever answers knows what the tool returns.
  return (await valueOf(decision, session.attachments)) as Output
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
