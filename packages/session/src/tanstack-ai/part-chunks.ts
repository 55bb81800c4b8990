import type { Part } from '../rows.ts'
import { adapterName } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { segmentOf, toDelta, toRawChunk, unpackClose } from './segment.ts'
import type { Segment } from './segment.ts'

/** How far the events of a part were given. */
export interface PartProgress {
  isOpened: boolean
  length: number
  isClosed: boolean
}

/** Returns the progress of a part of which nothing was given. */
export function noProgress(): PartProgress {
  return { isOpened: false, length: 0, isClosed: false }
}

/** What the events of a part are made from. */
export interface PartContext {
  /** The message that the part is of. */
  readonly message: string
  readonly textOf: (part: Part) => string
  readonly outputOf: (part: string) => unknown
  /** The result of a tool call, of one that is an attachment too. */
  readonly resultOf: (part: Part) => unknown
}

/** Whether a part was written from events of this toolkit: then it gives back exactly these. */
export function isFromChunks(part: Part): boolean {
  return part.kind === 'raw' ? part.name === adapterName : segmentOf(part) !== undefined
}

/** Returns the events of a part that have come since, and moves `progress` on. */
export function takeChunks(part: Part, progress: PartProgress, context: PartContext): Chunk[] {
  const segment = segmentOf(part)
  if (part.kind === 'raw') {
    if (progress.isClosed) return []
    progress.isClosed = true
    const chunk = toRawChunk(part, context.outputOf)
    return chunk === undefined ? [] : [chunk]
  }
  return segment === undefined
    ? takePlain(part, progress, context)
    : takeSegment(part, segment, progress, context)
}

function takeSegment(part: Part, segment: Segment, progress: PartProgress, { textOf }: PartContext): Chunk[] {
  const chunks: Chunk[] = []
  const text = textOf(part)
  const length = segment.length ?? text.length
  const isSettled = part.state !== 'streaming'
  if (!progress.isOpened && segment.open !== undefined) chunks.push(segment.open)
  const isEmpty = isSettled && !progress.isClosed && length === 0
  if (length > progress.length || (isEmpty && progress.length === 0)) {
    const delta = toDelta(segment, text, progress.length, length)
    if (delta !== undefined) chunks.push(delta)
  }
  progress.isOpened = true
  progress.length = Math.max(progress.length, length)
  if (isSettled && !progress.isClosed) {
    progress.isClosed = true
    const close = unpackClose(segment, part.input)
    if (close !== undefined) chunks.push(close)
  }
  return chunks
}

/** The events of a part that no stream of this toolkit was. */
function takePlain(part: Part, progress: PartProgress, context: PartContext): Chunk[] {
  if (progress.isClosed) return []
  switch (part.kind) {
    case 'text':
      return takeText(part, progress, context, {
        open: [{ type: 'TEXT_MESSAGE_START', messageId: context.message, role: 'assistant' }],
        delta: { type: 'TEXT_MESSAGE_CONTENT', messageId: context.message },
        close: [{ type: 'TEXT_MESSAGE_END', messageId: context.message }],
      })
    case 'reasoning':
      return takeText(part, progress, context, {
        open: [
          { type: 'STEP_STARTED', stepName: part.id },
          { type: 'REASONING_START', messageId: part.id },
          { type: 'REASONING_MESSAGE_START', messageId: part.id, role: 'reasoning' },
        ],
        delta: { type: 'REASONING_MESSAGE_CONTENT', messageId: part.id },
        close: [
          { type: 'REASONING_MESSAGE_END', messageId: part.id },
          { type: 'REASONING_END', messageId: part.id },
          { type: 'STEP_FINISHED', stepName: part.id },
        ],
      })
    case 'tool-call':
      return takeCall(part, progress, context)
    case 'data':
    case 'source':
      progress.isClosed = true
      return [
        {
          type: 'CUSTOM',
          name: part.kind === 'data' ? (part.name ?? '') : 'source',
          value: part.kind === 'data' ? part.data : { url: part.url, name: part.name },
        },
      ]
    case 'file':
    case 'raw':
      // A file has no event: it is in the messages.
      progress.isClosed = true
      return []
  }
}

interface Frame {
  readonly open: readonly Chunk[]
  readonly delta: Chunk
  readonly close: readonly Chunk[]
}

function takeText(
  part: Part,
  progress: PartProgress,
  { textOf }: PartContext,
  { open, delta, close }: Frame,
): Chunk[] {
  const chunks: Chunk[] = []
  const text = textOf(part)
  if (!progress.isOpened) chunks.push(...open)
  progress.isOpened = true
  if (text.length > progress.length) chunks.push({ ...delta, delta: text.slice(progress.length) })
  progress.length = text.length
  if (part.state !== 'streaming') {
    progress.isClosed = true
    chunks.push(...close)
  }
  return chunks
}

function takeCall(part: Part, progress: PartProgress, { message, textOf, resultOf }: PartContext): Chunk[] {
  const { toolCall: toolCallId = part.id, toolName: toolCallName = '', toolState, input } = part
  const chunks: Chunk[] = []
  if (!progress.isOpened) {
    chunks.push({ type: 'TOOL_CALL_START', toolCallId, toolCallName, parentMessageId: message })
    progress.isOpened = true
  }
  const isWhole = toolState !== 'input-streaming'
  const text = isWhole ? (part.text ?? JSON.stringify(input ?? {})) : textOf(part)
  if (text.length > progress.length) {
    chunks.push({ type: 'TOOL_CALL_ARGS', toolCallId, delta: text.slice(progress.length) })
    progress.length = text.length
    if (isWhole) chunks.push({ type: 'TOOL_CALL_END', toolCallId, input })
  }
  const result = toResult(part, message, resultOf(part))
  if (result === undefined) return chunks
  progress.isClosed = true
  return [...chunks, result]
}

/** Returns the event of a call's result, once it has one. */
export function toResult(part: Part, messageId: string, output: unknown): Chunk | undefined {
  const { toolCall: toolCallId = part.id, toolState, error } = part
  if (toolState !== 'output-available' && toolState !== 'output-error' && toolState !== 'denied')
    return undefined
  const isError = toolState !== 'output-available'
  const content = isError ? { error: error ?? toolState } : (output ?? null)
  return {
    ...{ type: 'TOOL_CALL_RESULT', toolCallId, messageId, role: 'tool' },
    content: typeof content === 'string' ? content : JSON.stringify(content),
    ...(isError ? { metadata: { tanstack: { state: 'output-error' } } } : {}),
  }
}
