import type { AgentRun } from '../agent-run.ts'
import type { NewPartRow } from '../run-output.ts'
import type { Part } from '../rows.ts'
import { isData, isOutcome, textOf, toolCallOf } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { deltaMarks, extrasOf, marksOfCall, rowOf, sourceOf } from './chunk-rows.ts'
import type { Call, OpenText, Placed, Written } from './chunk-rows.ts'
import { deltaField, marksOf, roundSize, toChunk, toMark, toolkit, withMarks } from './marks.ts'
import { inputText } from './part-chunks.ts'
import { PendingWrites } from './pending-writes.ts'

/** Writes the chunks of one UI message stream into a run's answer: each into the row of the part that it is about. */
export class ChunkWriter {
  readonly #run: AgentRun
  readonly #texts = new Map<string, OpenText>()
  readonly #calls = new Map<string, Call>()
  readonly #data = new Map<string, Written>()
  /** What was written since the step began: a step that is reset is taken back. */
  #step: Part[] = []
  #last: OpenText | undefined
  #at: number
  readonly #writes = new PendingWrites()

  constructor(run: AgentRun, round: number) {
    this.#run = run
    this.#at = round * roundSize
  }

  /** Writes a chunk, and does not wait. Throws when the run is to end, and what a write before has failed with. */
  write(chunk: Chunk): void {
    this.#writes.throwFailure()
    const delta = this.#textOfDelta(chunk)
    if (delta !== undefined) {
      this.#addText(delta, chunk)
      return
    }
    // What streams is in the log before what comes behind it.
    for (const { writer } of this.#open()) writer.flush()
    this.#last = undefined
    const placed = { at: this.#at++, chunk }
    switch (chunk.type) {
      case 'text-start':
      case 'reasoning-start':
        this.#startText(placed)
        return
      case 'text-end':
      case 'reasoning-end':
        this.#endText(placed)
        return
      case 'file':
      case 'reasoning-file':
        this.#add({ kind: 'file', url: textOf(chunk, 'url'), mediaType: textOf(chunk, 'mediaType') }, placed)
        return
      case 'source-url':
      case 'source-document':
        this.#add(sourceOf(chunk), placed)
        return
      case 'reset-step':
        this.#reset()
        this.#add({ kind: 'raw', name: toolkit }, placed)
        return
      default:
        if (chunk.type === 'start-step') this.#step = []
        if (chunk.type === 'finish-step') this.#settleRich()
        if (isData(chunk) && chunk['transient'] !== true) this.#putData(placed)
        else if (!this.#putCall(placed)) this.#add({ kind: 'raw', name: toolkit }, placed)
    }
  }

  /**
   * Settles what has not ended; resolves when all is stored. Rejects with what a write has failed with. Where the run does not
   * go on, calls that have no outcome stay as they are: somebody may answer them later.
   */
  async end(goesOn: boolean): Promise<void> {
    for (const key of this.#texts.keys()) this.#settleText(key, undefined)
    for (const call of this.#calls.values()) {
      this.#endInput(call)
      if (goesOn || call.chunks.some(({ chunk }) => isOutcome(chunk))) continue
      const { toolState } = call.part
      this.#put(call, toolState === 'input-available' ? { toolState: 'awaiting-output' } : {}, false)
    }
    await this.flushed()
  }

  /** Resolves when all that was written is stored. */
  flushed(): Promise<void> {
    return this.#writes.settled()
  }

  *#open(): Generator<OpenText, void> {
    yield* this.#texts.values()
    for (const { input } of this.#calls.values()) if (input !== undefined) yield input
  }

  /** Returns what a delta is of; nothing where it is of no text that streams. */
  #textOfDelta(chunk: Chunk): OpenText | undefined {
    switch (chunk.type) {
      case 'text-delta':
        return this.#texts.get(`text ${String(chunk['id'])}`)
      case 'reasoning-delta':
        return this.#texts.get(`reasoning ${String(chunk['id'])}`)
      case 'tool-input-delta':
        return this.#calls.get(textOf(chunk, 'toolCallId'))?.input
      default:
        return undefined
    }
  }

  #addText(open: OpenText, chunk: Chunk): void {
    const text = textOf(chunk, deltaField(chunk.type))
    const extras = extrasOf(chunk)
    const current = open.segments.at(-1)
    if (
      this.#last === open &&
      current !== undefined &&
      current.extras === undefined &&
      extras === undefined
    ) {
      current.length += text.length
    } else {
      for (const other of this.#open()) if (other !== open) other.writer.flush()
      open.segments.push({ at: this.#at++, length: text.length, extras })
    }
    this.#last = open
    open.text += text
    if (text !== '') open.writer.write(text)
  }

  #startText(start: Placed): void {
    const { chunk } = start
    const kind = chunk.type === 'text-start' ? 'text' : 'reasoning'
    const key = `${kind} ${String(chunk['id'])}`
    // The toolkit, too, leaves the one before as it is.
    if (this.#texts.has(key)) this.#settleText(key, undefined)
    const writer = this.#run.openText(kind, { metadata: withMarks([toMark(start.at, chunk, {})]) })
    this.#step.push(writer.part)
    this.#texts.set(key, { writer, start, deltaType: `${kind}-delta`, segments: [], text: '' })
  }

  #endText(end: Placed): void {
    const key = `${end.chunk.type === 'text-end' ? 'text' : 'reasoning'} ${String(end.chunk['id'])}`
    if (this.#texts.has(key)) this.#settleText(key, end)
    else this.#add({ kind: 'raw', name: toolkit }, end)
  }

  /** What deltas say beside their text is told when it is settled: a reader of version 6 takes it until the step's end. */
  #settleRich(): void {
    for (const [key, { segments }] of this.#texts)
      if (segments.some(({ extras }) => extras !== undefined)) this.#settleText(key, undefined)
  }

  #settleText(key: string, end: Placed | undefined): void {
    const open = this.#texts.get(key)
    if (open === undefined) return
    this.#texts.delete(key)
    const { writer, start, text } = open
    const chunks = end === undefined ? [start] : [start, end]
    const marks = [...chunks.map(({ at, chunk }) => toMark(at, chunk, {})), ...deltaMarks(open)]
    const metadata = withMarks(marks.sort((a, b) => a.at - b.at))
    this.#noteStep({ ...writer.part, state: 'done', text, metadata })
    this.#writes.add(writer.end({ metadata }))
  }

  #add(fields: Omit<NewPartRow, 'state'>, { at, chunk }: Placed): Part {
    const metadata = withMarks([toMark(at, chunk, fields)])
    const part = this.#run.newPart({ ...fields, state: 'done', metadata })
    if (part.kind !== 'raw') this.#step.push(part)
    this.#writes.add(this.#run.putPart(part))
    return part
  }

  #putData(placed: Placed): void {
    const { type, id, data } = placed.chunk
    const key = `${type} ${String(id)}`
    const known = id === undefined ? undefined : this.#data.get(key)
    if (known === undefined) {
      const part = this.#add({ kind: 'data', name: type.slice('data-'.length), data }, placed)
      this.#data.set(key, { part, chunks: [placed] })
      return
    }
    const [first = placed] = known.chunks
    const metadata = withMarks([{ ...toMark(first.at, placed.chunk, { data }), version: placed.at }])
    known.part = { ...known.part, data, metadata }
    this.#noteStep(known.part)
    this.#writes.add(this.#run.putPart(known.part))
  }

  /** Writes a chunk into the tool call that it is about; returns whether there is one. */
  #putCall(placed: Placed): boolean {
    const { chunk } = placed
    const { type } = chunk
    const id =
      type === 'tool-approval-response' ? this.#callOfApproval(chunk['approvalId']) : toolCallOf(chunk)
    if (id === undefined) return false
    const known = this.#call(id)
    const isStart = type === 'tool-input-start'
    const isWhole = type === 'tool-input-available' || type === 'tool-input-error'
    if (known === undefined && !isStart && !isWhole) return false
    const call = known ?? this.#startCall(id, placed)
    if (isStart && known === undefined) return true
    if (call.input !== undefined) this.#endInput(call, isWhole ? chunk['input'] : undefined)
    // Of results that are preliminary the latest counts.
    if (type.startsWith('tool-output')) {
      const index = call.chunks.findIndex(
        ({ chunk: each }) => each.type === 'tool-output-available' && each['preliminary'] === true,
      )
      if (index !== -1) call.chunks.splice(index, 1)
    }
    call.chunks.push(placed)
    this.#put(call, rowOf(chunk), !call.chunks.some(({ chunk: each }) => isOutcome(each)))
    return true
  }

  #startCall(id: string, placed: Placed): Call {
    const { chunk } = placed
    const fields = { toolCall: id, toolName: textOf(chunk, 'toolName') }
    if (chunk.type !== 'tool-input-start') {
      const part = this.#run.newPart({
        ...fields,
        kind: 'tool-call',
        state: 'done',
        toolState: 'input-available',
      })
      this.#step.push(part)
      const call = { part, chunks: [] }
      this.#calls.set(id, call)
      return call
    }
    const writer = this.#run.openText('tool-call', {
      ...{ ...fields, toolState: 'input-streaming' },
      metadata: withMarks([toMark(placed.at, chunk, fields)]),
    })
    const input: OpenText = { writer, start: placed, deltaType: 'tool-input-delta', segments: [], text: '' }
    const call = { part: writer.part, chunks: [placed], input }
    this.#step.push(writer.part)
    this.#calls.set(id, call)
    return call
  }

  /** The input of a call is whole, or will never be. */
  #endInput(call: Call, input?: unknown): void {
    const { input: open } = call
    if (open === undefined) return
    call.input = undefined
    const isJson = input !== undefined && open.text === inputText({ input })
    const deltas = deltaMarks(open, isJson && open.segments.length > 0)
    call.chunks.push(...deltas.map(({ at, ...chunk }) => ({ at, chunk })))
    call.part = { ...call.part, state: 'done', text: isJson ? '' : open.text }
    const metadata = marksOfCall(call)
    this.#writes.add(
      open.writer.end({ text: call.part.text ?? '', metadata, ...(input === undefined ? {} : { input }) }),
    )
  }

  #put(call: Written, changes: Partial<Part>, isOpen: boolean): void {
    call.part = { ...call.part, ...changes }
    call.part = { ...call.part, metadata: marksOfCall(call) }
    this.#noteStep(call.part)
    this.#writes.add(this.#run.putPart(call.part, { isOpen }))
  }

  #call(id: string): Call | undefined {
    const known = this.#calls.get(id)
    if (known !== undefined) return known
    // A call of a round before.
    const part = [...this.#run.parts()].reverse().find(({ toolCall }) => toolCall === id)
    const marks = part && marksOf(part)
    if (part === undefined || marks === undefined) return undefined
    const call = { part, chunks: marks.map((mark) => ({ at: mark.at, chunk: toChunk(mark, part) })) }
    this.#calls.set(id, call)
    return call
  }

  #callOfApproval(approvalId: unknown): string | undefined {
    const asks = ({ chunk }: Placed): boolean =>
      chunk.type === 'tool-approval-request' && chunk['approvalId'] === approvalId
    for (const [id, { chunks }] of this.#calls) if (chunks.some(asks)) return id
    return this.#run
      .parts()
      .find((part) => marksOf(part)?.some((mark) => asks({ at: 0, chunk: mark })) === true)?.toolCall
  }

  /** Takes a step back: its parts are the toolkit's own business from now on, and no part of the conversation. */
  #reset(): void {
    for (const key of this.#texts.keys()) this.#settleText(key, undefined)
    for (const call of this.#calls.values()) if (call.input !== undefined) this.#endInput(call)
    for (const part of this.#step) this.#writes.add(this.#run.putPart({ ...part, kind: 'raw' }))
    for (const { toolCall } of this.#step) if (toolCall !== undefined) this.#calls.delete(toolCall)
    this.#data.clear()
    this.#step = []
  }

  #noteStep(part: Part): void {
    const index = this.#step.findIndex(({ id }) => id === part.id)
    if (index !== -1) this.#step[index] = part
  }
}
