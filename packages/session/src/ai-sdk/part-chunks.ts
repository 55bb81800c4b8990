import type { Approval, Part } from '../rows.ts'
import { isOutcome } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { deltaField, deltaTypeOf, marksOf, toChunk } from './marks.ts'
import type { DeltaType, Mark } from './marks.ts'

/** A chunk at its place. `key` names it within its part: what was read once is not read again. */
export interface PlacedChunk {
  readonly at: number
  readonly key: string
  readonly chunk: Chunk
}

/** What is known of a part besides its row. */
export interface PartContext {
  /** Its text, as far as it is. */
  readonly text: string
  /** How much of its text was read before. */
  readonly from?: number | undefined
  /** The place of a part that another writer than this adapter wrote. */
  readonly at: number
  readonly approvals: Iterable<Approval>
  /** Where the bytes of an attachment are. */
  readonly urlOf: (attachment: string) => string | undefined
  /** The result of a tool call, of one that is an attachment too. */
  readonly outputOf: (part: Part) => unknown
}

/** Returns the chunks that a part stands for, in their order; of a part of another toolkit, or of the core, those that show it. */
export function chunksOfPart(row: Part, context: PartContext): PlacedChunk[] {
  const part = withStored(row, context)
  const marks = marksOf(part)
  return marks === undefined ? ofForeign(part, context) : ofMarks(part, marks, context)
}

/** What was too large for the log is beside it: a part as it was written, but that a file is where its bytes are now. */
function withStored(part: Part, { urlOf, outputOf }: PartContext): Part {
  const { kind, attachment, url } = part
  if (attachment === undefined) return part
  if (kind === 'tool-call') return { ...part, output: outputOf(part) }
  const at = kind === 'file' && url === undefined ? urlOf(attachment) : undefined
  return at === undefined ? part : { ...part, url: at }
}

function ofMarks(part: Part, marks: readonly Mark[], { text: whole, from = 0 }: PartContext): PlacedChunk[] {
  const deltaType = deltaTypeOf(marks)
  // One that came when nothing streamed any more holds its text itself.
  const isPiece = (mark: Mark): boolean =>
    mark.type === deltaType && mark[deltaField(mark.type)] === undefined
  const hasDeltas = marks.some(isPiece)
  // A tool's input that streamed is its JSON, unless the row says otherwise.
  const text = whole === '' && part.kind === 'tool-call' && hasDeltas ? inputText(part) : whole
  const chunks: PlacedChunk[] = []
  let start = 0
  const addText = (at: number, mark: Mark | undefined, end: number): void => {
    if (deltaType === undefined) return
    const piece = text.slice(Math.max(start, from), end)
    const chunk = toDelta(deltaType, part, marks, mark, piece)
    // A delta that says more than its text is one even without any.
    const saysMore = mark !== undefined && Object.keys(mark).length > (mark['length'] === undefined ? 2 : 3)
    if (piece !== '' || saysMore) chunks.push({ at, key: saysMore ? `${at}+` : `${at}:${end}`, chunk })
    start = Math.max(start, end)
  }
  for (const [index, mark] of marks.entries()) {
    if (isPiece(mark)) {
      const { length } = mark
      addText(mark.at, mark, typeof length === 'number' ? start + length : text.length)
      continue
    }
    chunks.push({
      at: mark.at,
      key: `${mark.at}.${mark.version ?? 0}`,
      chunk: toChunk(mark, part),
    })
    if (index === 0 && !hasDeltas) addText(mark.at + 0.5, undefined, text.length)
  }
  // What streams on behind the deltas that the row tells of, or was there when the run ended.
  if (start < text.length) addText((marks.at(-1)?.at ?? 0) + 0.5, undefined, text.length)
  return [...chunks, ...settling(part, marks)]
}

function toDelta(
  type: DeltaType,
  part: Part,
  marks: readonly Mark[],
  mark: Mark | undefined,
  text: string,
): Chunk {
  const id = type === 'tool-input-delta' ? { toolCallId: part.toolCall } : { id: marks[0]?.['id'] }
  const { at: _at, length: _length, ...extras }: Partial<Mark> = mark ?? {}
  return { ...id, ...extras, type, [deltaField(type)]: text }
}

/** Ends what the run's end has cut off: nothing streams for ever. */
function settling(part: Part, marks: readonly Mark[]): PlacedChunk[] {
  const at = (marks.at(-1)?.at ?? 0) + 0.75
  const [first] = marks
  if (first === undefined) return []
  if (first.type === 'text-start' || first.type === 'reasoning-start') {
    const type = first.type === 'text-start' ? 'text-end' : 'reasoning-end'
    const isCut = part.state === 'interrupted' || part.state === 'failed'
    return isCut ? [{ at, key: 'end', chunk: { type, id: first['id'] } }] : []
  }
  if (part.kind !== 'tool-call' || marks.some(isOutcome)) return []
  return toolOutcome(part, at, false)
}

function ofForeign(part: Part, context: PartContext): PlacedChunk[] {
  const { at, text, from = 0 } = context
  const one = (chunk: Chunk): PlacedChunk[] => [{ at, key: chunk.type, chunk }]
  switch (part.kind) {
    case 'text':
    case 'reasoning': {
      const piece = text.slice(from)
      const chunks = one({ type: `${part.kind}-start`, id: part.id })
      if (piece !== '') {
        chunks.push({
          at,
          key: `to ${text.length}`,
          chunk: { type: `${part.kind}-delta`, id: part.id, delta: piece },
        })
      }
      return part.state === 'streaming'
        ? chunks
        : [...chunks, ...one({ type: `${part.kind}-end`, id: part.id })]
    }
    case 'tool-call':
      return ofForeignCall(part, context)
    case 'file': {
      const { mediaType = 'application/octet-stream', attachment } = part
      const url = part.url ?? (attachment === undefined ? undefined : context.urlOf(attachment))
      return url === undefined ? [] : one({ type: 'file', url, mediaType })
    }
    case 'source': {
      const { url, name: title, mediaType = 'application/octet-stream' } = part
      const source = { sourceId: part.id, ...(title === undefined ? {} : { title }) }
      return url === undefined
        ? one({ type: 'source-document', mediaType, title: '', ...source })
        : one({ type: 'source-url', url, ...source })
    }
    case 'data':
      // One that is written anew replaces what was there.
      return [{ at, key: JSON.stringify(part.data) ?? '', chunk: dataChunk(part) }]
    case 'raw':
      return []
  }
}

function dataChunk({ id, name = 'data', data }: Part): Chunk {
  return { type: `data-${name}`, id, data }
}

function ofForeignCall(part: Part, { at, text, from = 0, approvals }: PartContext): PlacedChunk[] {
  const { toolCall: toolCallId = part.id, toolName = '', toolState, input } = part
  const place = (chunk: Chunk, key: string = chunk.type): PlacedChunk => ({ at, key, chunk })
  if (toolState === 'input-streaming') {
    const inputTextDelta = text.slice(from)
    return [
      place({ type: 'tool-input-start', toolCallId, toolName }),
      ...(inputTextDelta === ''
        ? []
        : [place({ type: 'tool-input-delta', toolCallId, inputTextDelta }, `to ${text.length}`)]),
    ]
  }
  const chunks = [place({ type: 'tool-input-available', toolCallId, toolName, input })]
  const approval = [...approvals].find((each) => each.toolCall === toolCallId && each.kind === 'approval')
  if (approval !== undefined) {
    const { id: approvalId, status, reason } = approval
    chunks.push(place({ type: 'tool-approval-request', toolCallId, approvalId }))
    if (status === 'approved' || status === 'denied') {
      const said = reason === undefined ? {} : { reason }
      chunks.push(
        place({ type: 'tool-approval-response', approvalId, approved: status === 'approved', ...said }),
      )
    }
  }
  return [...chunks, ...toolOutcome(part, at, approval !== undefined)]
}

function toolOutcome(part: Part, at: number, isAsked: boolean): PlacedChunk[] {
  const { toolCall: toolCallId = part.id, toolState, output, error } = part
  const one = (chunk: Chunk): PlacedChunk[] => [{ at, key: chunk.type, chunk }]
  if (toolState === 'output-available') return one({ type: 'tool-output-available', toolCallId, output })
  if (toolState === 'denied' && isAsked) return one({ type: 'tool-output-denied', toolCallId })
  if (toolState === 'output-error' || toolState === 'denied') {
    return one({ type: 'tool-output-error', toolCallId, errorText: error ?? 'The tool failed' })
  }
  return []
}

/** Returns the text of a tool call's input, where it is its JSON. */
export function inputText({ input }: Pick<Part, 'input'>): string {
  return input === undefined ? '' : JSON.stringify(input)
}
