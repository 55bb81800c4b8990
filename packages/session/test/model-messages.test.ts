import { expect, test } from 'vitest'
import { toModelMessages } from '../src/index.ts'
import { withoutOpenCalls } from '../src/model-messages.ts'
import type { MessageView, Part } from '../src/index.ts'

function view(role: 'user' | 'assistant', ...parts: Partial<Part>[]): MessageView {
  const rows = parts.map((part, index): Part => ({
    ...{ id: `p${index}`, message: 'm', index, kind: 'text', state: 'done' },
    ...part,
  }))
  return { message: { id: 'm', role, author: role }, parts: rows, isPending: false }
}

test('[A12] a model is told of text, reasoning, files, tool calls and their results, in their order', () => {
  const call = { kind: 'tool-call' as const, toolCall: 'c1', toolName: 'add', input: { a: 1 } }
  expect(
    toModelMessages([
      view('user', { text: 'See' }, { kind: 'file', url: 'u', mediaType: 'image/png', name: 'n' }),
      view(
        'assistant',
        { kind: 'reasoning', text: 'hm' },
        { ...call, toolState: 'output-available', output: 2 },
        { text: 'It is 2' },
        { ...call, toolCall: 'c2', toolState: 'denied' },
        { ...call, toolCall: 'c3', toolState: 'input-streaming' },
      ),
      view('assistant', { text: '' }),
    ]),
  ).toEqual([
    {
      ...{ role: 'user', author: 'user' },
      content: [
        { type: 'text', text: 'See' },
        { type: 'file', url: 'u', mediaType: 'image/png', name: 'n' },
      ],
    },
    {
      ...{ role: 'assistant', author: 'assistant' },
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'tool-call', id: 'c1', name: 'add', input: { a: 1 } },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', id: 'c1', name: 'add', output: 2 }] },
    {
      ...{ role: 'assistant', author: 'assistant' },
      content: [
        { type: 'text', text: 'It is 2' },
        { type: 'tool-call', id: 'c2', name: 'add', input: { a: 1 } },
      ],
    },
    {
      role: 'tool',
      content: [{ type: 'tool-result', id: 'c2', name: 'add', error: 'The tool call was denied' }],
    },
  ])
})

test('[A12] [F-session-9] a tool call that has no result yet is left out of what is said behind it', () => {
  const call = { kind: 'tool-call' as const, toolName: 'add', input: {} }
  const waiting = view(
    'assistant',
    { text: 'Let me see' },
    ...(['awaiting-approval', 'awaiting-output', 'input-available', 'input-streaming'] as const).map(
      (toolState) => ({ ...call, toolState }),
    ),
  )
  expect(toModelMessages([withoutOpenCalls(waiting)])).toEqual([
    { role: 'assistant', author: 'assistant', content: [{ type: 'text', text: 'Let me see' }] },
  ])
  const answered = view('assistant', { ...call, toolState: 'denied' })
  expect(withoutOpenCalls(answered)).toBe(answered)
})
