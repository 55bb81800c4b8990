import type { ModelMessage, RunAgentResumeItem } from '@tanstack/ai/client'
import type { AgentRun } from '../agent-run.ts'
import type { Answer } from '../run-questions.ts'
import { withUploads } from './files.ts'
import { bindingOf } from './interrupts.ts'
import type { Interrupt } from './interrupts.ts'
import { toModelMessages } from './model-messages.ts'
import { cancelledReason } from './outgoing.ts'
import { runInput } from './run-input.ts'
import { writeChunks } from './write-chunks.ts'
import type { WrittenStream } from './write-chunks.ts'

/** What `chat()` is called with; spread it into its options. */
export interface ChatTurn {
  readonly messages: ModelMessage[]
  readonly threadId: string
  readonly runId: string
  /** The run that was paused, and what was answered: behind a pause alone. */
  readonly parentRunId?: string
  readonly resume?: RunAgentResumeItem[]
  /** Aborts when the run is to end. */
  readonly abortController: AbortController
}

/**
 * Answers a run with streams of TanStack AI: calls `chat` for each turn, writes what it streams, asks the participants what
 * the stream waits for (approvals, answers, results of client tools), and goes on when they have answered.
 *
 * A turn is a step of the run: where the process dies while it waits, another one goes on with the answers, and calls no model
 * again for what was said. Rejects as `writeChunks` does, and with `expired`.
 *
 * @example
 * ```ts
 * session.agent({
 *   name: 'cook',
 *   handle: (run) => answerWithChat(run, (turn) => chat({ adapter, tools, ...turn })),
 * })
 * ```
 */
export async function answerWithChat(
  run: AgentRun,
  chat: (turn: ChatTurn) => AsyncIterable<object> | Iterable<object>,
): Promise<WrittenStream> {
  const abortController = new AbortController()
  const onAbort = (): void => abortController.abort(run.signal.reason)
  if (run.signal.aborted) onAbort()
  run.signal.addEventListener('abort', onAbort, { once: true })
  const threadId = runInput(run).threadId ?? run.id
  let pause: { readonly runId: string; readonly resume: RunAgentResumeItem[] } | undefined
  let asked = 0
  const files = new Map<string, Promise<Uint8Array>>()
  const read = (id: string): Promise<Uint8Array> => {
    const file = files.get(id) ?? run.attachments.read(id, { signal: run.signal })
    files.set(id, file)
    return file
  }
  try {
    for (let turn = 1; ; turn++) {
      const before = pause
      const runId = asked === 0 ? run.id : `${run.id}~${asked}`
      const written = await run.step(`chat ${turn}`, async () => {
        const messages = await withUploads(toModelMessages(run), run.collections.attachments.values(), {
          url: (id) => run.attachments.url(id),
          read,
        })
        return writeChunks(
          run,
          chat({
            ...{ messages, threadId, runId, abortController },
            ...(before === undefined ? {} : { parentRunId: before.runId, resume: before.resume }),
          }),
        )
      })
      if (written.interrupts.length === 0) return written
      asked += written.interrupts.length
      const resume = await Promise.all(written.interrupts.map((interrupt) => ask(run, interrupt)))
      pause = { runId: bindingOf(written.interrupts[0])?.interruptedRunId ?? runId, resume }
    }
  } finally {
    run.signal.removeEventListener('abort', onAbort)
  }
}

/** Asks the participants what a stream waits for. */
async function ask(run: AgentRun, interrupt: Interrupt): Promise<RunAgentResumeItem> {
  const { id, message, toolCallId, expiresAt } = interrupt
  const isApproval = bindingOf(interrupt)?.kind === 'tool-approval'
  const answer = await run.ask({
    kind: isApproval ? 'approval' : 'input',
    question: message,
    data: { interrupt },
    toolCall: toolCallId,
    expiresIn: expiresAt === undefined ? undefined : Math.max(0, Date.parse(expiresAt) - Date.now()),
  })
  return toResumeItem(id, answer, isApproval)
}

function toResumeItem(
  interruptId: string,
  { status, value, reason }: Answer,
  isApproval: boolean,
): RunAgentResumeItem {
  if (status === 'denied' && (reason === cancelledReason || !isApproval))
    return { interruptId, status: 'cancelled' }
  // Whoever decides without the toolkit says yes or no.
  const payload = value ?? (isApproval ? { approved: status !== 'denied' } : null)
  return { interruptId, status: 'resolved', payload }
}
