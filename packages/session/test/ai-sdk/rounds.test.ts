import { Chat } from '@ai-sdk/react'
import { eventually } from '@streamdb/testkit'
import {
  convertToModelMessages,
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
  simulateReadableStream,
  streamText,
  tool,
} from 'ai'
import type { LanguageModel, ToolSet, UIMessage } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { followChat, sessionTransport, toUIMessages, writeUIMessageStream } from '../../src/ai-sdk/index.ts'
import type { AgentRun, Session } from '../../src/index.ts'
import { open } from '../support/sessions.ts'
import { openWith, statuses } from './support.ts'

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
}

/** A model that calls a tool, and says what came of it. */
function callingModel(toolName: string) {
  return new MockLanguageModelV3({
    doStream: async ({ prompt }) => {
      const last = prompt.at(-1)
      const results = last?.role === 'tool' ? last.content : []
      const said = JSON.stringify(
        results.map((part) => (part.type === 'tool-result' ? part.output : part.type)),
      )
      return {
        stream: simulateReadableStream({
          chunks: [
            ...(last?.role === 'tool'
              ? ([
                  { type: 'text-start', id: '0' },
                  { type: 'text-delta', id: '0', delta: said },
                  { type: 'text-end', id: '0' },
                ] as const)
              : ([
                  {
                    type: 'tool-call',
                    toolCallId: `call-${prompt.length}`,
                    toolName,
                    input: '{"city":"Rome"}',
                  },
                ] as const)),
            {
              type: 'finish',
              finishReason: { unified: last?.role === 'tool' ? 'stop' : 'tool-calls', raw: undefined },
              usage,
            },
          ],
        }),
      }
    },
  })
}

function answerWith(model: LanguageModel, tools: ToolSet) {
  return (run: AgentRun) =>
    writeUIMessageStream(run, async ({ messages, signal }) =>
      streamText({
        ...{ model, tools, abortSignal: signal },
        messages: await convertToModelMessages(messages, { tools }),
      }).toUIMessageStream({ originalMessages: messages }),
    )
}

function chatOf(session: Session, sendAutomaticallyWhen: (options: { messages: UIMessage[] }) => boolean) {
  const transport = sessionTransport(session)
  return { transport, chat: new Chat({ transport, messages: transport.messages(), sendAutomaticallyWhen }) }
}

function summary(messages: readonly UIMessage[]): string[] {
  return (messages.at(-1)?.parts ?? []).map((part) =>
    part.type === 'text' ? part.text : 'state' in part ? `${part.type} ${String(part.state)}` : part.type,
  )
}

test('[A60] a tool that needs approval: the run waits, any participant decides, and the answer goes on in its message', async () => {
  const execute = vi.fn(({ city }: { city: string }) => `deleted ${city}`)
  const tools = {
    delete: tool({ inputSchema: z.object({ city: z.string() }), needsApproval: true, execute }),
  }
  const model = callingModel('delete')
  const { ada, url } = await openWith(answerWith(model, tools))
  const { chat } = chatOf(ada, lastAssistantMessageIsCompleteWithApprovalResponses)
  await chat.sendMessage({ text: 'Delete Rome' })
  expect(chat.status).toBe('ready')
  expect(summary(chat.messages)).toEqual(['step-start', 'tool-delete approval-requested'])
  await eventually(() => expect(statuses(ada)).toEqual(['waiting']))

  // Another device sees the question, and answers it.
  const bea = await open(url, 'bea')
  const other = chatOf(bea, lastAssistantMessageIsCompleteWithApprovalResponses)
  const stop = followChat(chat, sessionTransport(ada))
  expect(summary(other.chat.messages)).toEqual(['step-start', 'tool-delete approval-requested'])
  const part = other.chat.messages.at(-1)?.parts.at(-1)
  const id = part?.type === 'tool-delete' && part.state === 'approval-requested' ? part.approval.id : ''
  await other.chat.addToolApprovalResponse({ id, approved: true })
  const done = [
    'step-start',
    'tool-delete output-available',
    'step-start',
    '[{"type":"text","value":"deleted Rome"}]',
  ]
  await eventually(() => expect(summary(other.chat.messages)).toEqual(done))
  await eventually(() => expect(summary(chat.messages)).toEqual(done))
  expect(execute).toHaveBeenCalledTimes(1)
  expect(other.chat.messages).toHaveLength(2)
  await eventually(() => expect(statuses(ada)).toEqual(['done']))
  expect(summary(toUIMessages(ada))).toEqual(done)
  stop()
})

test('[A60] what is denied is not run, and whoever decides second is told so', async () => {
  const execute = vi.fn(() => 'deleted')
  const tools = {
    delete: tool({ inputSchema: z.object({ city: z.string() }), needsApproval: true, execute }),
  }
  const { ada } = await openWith(answerWith(callingModel('delete'), tools))
  const { chat } = chatOf(ada, lastAssistantMessageIsCompleteWithApprovalResponses)
  await chat.sendMessage({ text: 'Delete Rome' })
  const late = chatOf(ada, lastAssistantMessageIsCompleteWithApprovalResponses)
  const [approval] = [...ada.collections.approvals.values()]
  const id = approval?.id ?? ''
  await chat.addToolApprovalResponse({ id, approved: false, reason: 'Not today' })
  await eventually(() => expect(statuses(ada)).toEqual(['done']))
  await eventually(() => expect(chat.status).toBe('ready'))
  expect(summary(chat.messages).slice(0, 2)).toEqual(['step-start', 'tool-delete output-denied'])
  expect(execute).not.toHaveBeenCalled()
  await late.chat.addToolApprovalResponse({ id, approved: true })
  await eventually(() => expect(late.chat.status).toBe('error'))
  expect(late.chat.error).toMatchObject({ code: 'already-decided' })
})

test('[A60] a tool of the client: its output goes into the session, and the answer goes on', async () => {
  const tools = { locate: tool({ inputSchema: z.object({ city: z.string() }), outputSchema: z.string() }) }
  const { ada } = await openWith(answerWith(callingModel('locate'), tools))
  const transport = sessionTransport(ada)
  const chat: Chat<UIMessage> = new Chat<UIMessage>({
    transport,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    onToolCall: ({ toolCall }) =>
      void chat.addToolOutput({ tool: toolCall.toolName, toolCallId: toolCall.toolCallId, output: 'here' }),
  })
  await chat.sendMessage({ text: 'Where is Rome?' })
  const done = [
    'step-start',
    'tool-locate output-available',
    'step-start',
    '[{"type":"text","value":"here"}]',
  ]
  await eventually(() => expect(summary(chat.messages)).toEqual(done))
  await eventually(() => expect(statuses(ada)).toEqual(['done']))
  expect(toUIMessages(ada)).toEqual(chat.messages)
  await chat.sendMessage({ text: 'Again' })
  await eventually(() => expect(chat.messages).toHaveLength(4))
})

test('[A60] an agent that restarts while it waits asks nothing again, and does not call the model again', async () => {
  const tools = { locate: tool({ inputSchema: z.object({ city: z.string() }), outputSchema: z.string() }) }
  const model = callingModel('locate')
  const { ada, url, agent } = await openWith(answerWith(model, tools))
  await ada.send('Where is Rome?')
  await eventually(() => expect(statuses(ada)).toEqual(['waiting']))
  await agent.stop()
  await eventually(() => expect(statuses(ada)).toEqual(['interrupted']))
  const other = await open(url, 'other')
  const next = other.agent({ name: 'bot', handle: answerWith(model, tools) })
  await eventually(() => expect(statuses(ada)).toEqual(['waiting']))
  expect(ada.collections.approvals.size).toBe(1)
  const { chat } = chatOf(ada, lastAssistantMessageIsCompleteWithToolCalls)
  const part = chat.messages.at(-1)?.parts.at(-1)
  const toolCallId = part !== undefined && 'toolCallId' in part ? part.toolCallId : ''
  await chat.addToolOutput({ tool: 'locate', toolCallId, output: 'here' })
  await eventually(() => expect(statuses(ada)).toEqual(['done']))
  await eventually(() => expect(summary(chat.messages).at(-1)).toBe('[{"type":"text","value":"here"}]'))
  expect(model.doStreamCalls).toHaveLength(2)
  await next.stop()
})
