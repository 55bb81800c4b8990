import type { AgentRun } from '../agent-run.ts'
import type { Part } from '../rows.ts'
import type { TextWriter } from '../run-output.ts'
import { adapterName, deltaKindOf, deltaKinds, parseJson, subjectOf, without } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { growsOf, packClose, readResult, toMetadata } from './segment.ts'
import type { RawMark, Segment } from './segment.ts'

/** A part whose events are coming. */
interface OpenSegment {
  readonly kind: string
  readonly subject: string
  readonly writer: TextWriter
  segment: Segment
  text: string
}

/** A tool call of this stream, as its part was written last. */
interface Call {
  part: Part
  /** The input as it came. */
  text: string
  isOver: boolean
}

/**
 * Writes the events of a stream into a run: texts, reasoning and tool calls are parts that everybody reads, and remember
 * their events; every other event is a part of its own. Their order is that of the parts (SPEC A45).
 */
export class ChunkWriter {
  readonly #run: AgentRun
  readonly #calls = new Map<string, Call>()
  readonly #foreign = new Set<string>()
  /** An event that begins a text, until one with text follows. */
  #start: Chunk | undefined
  #open: OpenSegment | undefined
  #last: Promise<unknown> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  constructor(run: AgentRun) {
    this.#run = run
  }

  /** Writes an event; what is stored is not waited for. Throws when the run is to end, and what storing has failed with. */
  write(chunk: Chunk): void {
    this.#run.signal.throwIfAborted()
    if (this.#failure) throw this.#failure.error
    if (this.#open !== undefined && this.#continues(this.#open, chunk)) return
    this.#close()
    if (this.#start !== undefined && this.#begins(this.#start, chunk)) return
    this.#flushStart()
    const subject = subjectOf(chunk)
    if (subject !== undefined && isForeign(chunk)) this.#foreign.add(subject)
    const isOfOthers = chunk.type.startsWith('TEXT_MESSAGE') && this.#foreign.has(subject ?? '')
    if (subject === undefined || isOfOthers) this.#writeOther(chunk)
    else if (deltaKindOf(chunk.type) !== undefined) this.#start = chunk
    else if (isText(chunk)) this.#begin(undefined, chunk, subject)
    else this.#writeOther(chunk)
  }

  /** Resolves when everything is stored. With `isWhole` calls that have no result are left as they are. */
  async end(isWhole: boolean): Promise<void> {
    this.#close()
    this.#flushStart()
    if (isWhole) for (const call of this.#calls.values()) if (!call.isOver) this.#putCall(call, {}, true)
    await this.#last
    if (this.#failure) throw this.#failure.error
  }

  #continues(open: OpenSegment, chunk: Chunk): boolean {
    if (subjectOf(chunk) !== open.subject) return false
    if (chunk.type === open.kind && typeof chunk['delta'] === 'string') {
      const text = open.text + chunk['delta']
      const { template, grows } = templateOf(chunk, text)
      if (!isSame(open.segment, template, grows)) return false
      open.text = text
      open.writer.write(chunk['delta'])
      const call = this.#calls.get(open.subject)
      if (call !== undefined && open.kind === 'TOOL_CALL_ARGS') call.text += chunk['delta']
      return true
    }
    if (chunk.type !== deltaKinds.get(open.kind)?.end) return false
    this.#close(chunk)
    return true
  }

  /** Begins a part with the event that begins a text and the one behind it. */
  #begins(start: Chunk, chunk: Chunk): boolean {
    const subject = subjectOf(start)
    const kind = deltaKindOf(start.type)
    if (subject === undefined || kind === undefined || subjectOf(chunk) !== subject) return false
    const isEndOfCall = kind === 'TOOL_CALL_ARGS' && chunk.type === 'TOOL_CALL_END'
    if (!isEndOfCall && !(chunk.type === kind && isText(chunk))) return false
    this.#start = undefined
    this.#begin(start, chunk, subject)
    if (isEndOfCall) this.#close(chunk)
    return true
  }

  #begin(start: Chunk | undefined, chunk: Chunk, subject: string): void {
    const delta = isText(chunk) ? chunk['delta'] : undefined
    const kind = delta === undefined ? 'TOOL_CALL_ARGS' : chunk.type
    const isCall = kind === 'TOOL_CALL_ARGS'
    // The input of a call that was begun before: it goes on behind other events.
    if (isCall && start === undefined) {
      const call = this.#calls.get(subject)
      if (call !== undefined) call.text += delta ?? ''
      this.#raw(chunk)
      return
    }
    const { template, grows } = templateOf(chunk, delta ?? '')
    const segment: Segment = {
      ...(start === undefined ? {} : { open: start }),
      ...(delta === undefined ? {} : { delta: template }),
      ...(grows.length === 0 ? {} : { grows }),
    }
    const writer = this.#run.openText(
      isCall ? 'tool-call' : kind === 'TEXT_MESSAGE_CONTENT' ? 'text' : 'reasoning',
      {
        ...(isCall
          ? { toolCall: subject, toolName: nameOf(start), toolState: 'input-streaming' as const }
          : {}),
        metadata: toMetadata(segment),
      },
    )
    this.#open = { kind, subject, writer, segment, text: delta ?? '' }
    if (isCall) this.#calls.set(subject, { part: writer.part, text: delta ?? '', isOver: false })
    if (delta !== undefined && delta !== '') writer.write(delta)
  }

  /** Settles the part whose events came: its end, or some other event, follows. */
  #close(close?: Chunk): void {
    const open = this.#open
    if (open === undefined) return
    this.#open = undefined
    const call = open.kind === 'TOOL_CALL_ARGS' ? this.#calls.get(open.subject) : undefined
    if (call === undefined) {
      const segment = close === undefined ? open.segment : { ...open.segment, close }
      this.#track(open.writer.end({ metadata: toMetadata(segment) }))
      return
    }
    const input = close === undefined ? undefined : inputOf(close, call.text)
    const ended = close === undefined ? { length: open.text.length } : packClose(close, input)
    const changes: Partial<Part> = {
      metadata: toMetadata({ ...open.segment, ...ended }),
      ...(close === undefined ? {} : { toolState: 'input-available', input }),
    }
    call.part = { ...call.part, state: 'done', text: call.text, ...changes }
    // Where the run ends before there is a result, the call ends with it.
    this.#track(open.writer.end({ ...changes, text: call.text }))
  }

  #writeOther(chunk: Chunk): void {
    const call = this.#calls.get(String(chunk['toolCallId']))
    if (call !== undefined && !call.isOver && chunk.type === 'TOOL_CALL_END') {
      this.#putCall(call, { toolState: 'input-available', input: inputOf(chunk, call.text), text: call.text })
    }
    if (
      call !== undefined &&
      !call.isOver &&
      chunk.type === 'TOOL_CALL_RESULT' &&
      typeof chunk['content'] === 'string'
    ) {
      const { output, isText: isPlain } = readResult(chunk['content'])
      const isError = isFailed(chunk)
      this.#putCall(
        call,
        isError
          ? { toolState: 'output-error', error: chunk['content'], output }
          : { toolState: 'output-available', output },
        true,
      )
      this.#raw(without(chunk, 'content'), { result: isPlain ? 'text' : 'json', call: call.part.id })
      return
    }
    this.#raw(chunk)
  }

  #flushStart(): void {
    const start = this.#start
    this.#start = undefined
    if (start === undefined) return
    if (start.type !== 'TOOL_CALL_START') {
      this.#raw(start)
      return
    }
    // A call whose input has not come yet is one already.
    const subject = String(start['toolCallId'])
    if (this.#calls.has(subject)) {
      this.#raw(start)
      return
    }
    const writer = this.#run.openText('tool-call', {
      ...{ toolCall: subject, toolName: nameOf(start), toolState: 'input-streaming' },
      metadata: toMetadata({ open: start, length: 0 }),
    })
    const part: Part = { ...writer.part, state: 'done', text: '' }
    this.#calls.set(subject, { part, text: '', isOver: false })
    this.#track(writer.end())
  }

  #putCall(call: Call, changes: Partial<Part>, isOver = false): void {
    call.part = { ...call.part, ...changes }
    call.isOver = isOver
    this.#track(this.#run.putPart(call.part, { isOpen: !isOver }))
  }

  #raw(chunk: Chunk, mark?: RawMark): void {
    this.#track(
      this.#run.part({
        ...{ kind: 'raw', name: adapterName, data: chunk },
        ...(mark === undefined ? {} : { metadata: { [adapterName]: mark } }),
      }),
    )
  }

  #track(stored: Promise<unknown>): void {
    this.#last = Promise.all([this.#last, stored]).catch((error: unknown) => {
      this.#failure ??= { error }
    })
  }
}

/** A message of somebody else is not what this agent says. */
function isForeign({ type, role = 'assistant' }: Chunk): boolean {
  return type === 'TEXT_MESSAGE_START' && role !== 'assistant'
}

function isText(chunk: Chunk): chunk is Chunk & { readonly delta: string } {
  return deltaKinds.has(chunk.type) && typeof chunk['delta'] === 'string'
}

function templateOf(chunk: Chunk, text: string): { template: Chunk; grows: readonly string[] } {
  const grows = growsOf(chunk, text)
  return { template: without(chunk, 'delta', ...grows), grows }
}

function isSame({ delta, grows = [] }: Segment, template: Chunk, others: readonly string[]): boolean {
  return (
    delta !== undefined &&
    String(grows) === String(others) &&
    JSON.stringify(without(delta, 'timestamp')) === JSON.stringify(without(template, 'timestamp'))
  )
}

function nameOf(start: Chunk | undefined): string {
  const name = start?.['toolCallName'] ?? start?.['toolName']
  return typeof name === 'string' ? name : ''
}

function inputOf(close: Chunk, text: string): unknown {
  return close['input'] ?? parseJson(text)?.value ?? {}
}

function isFailed({ state, metadata }: Chunk): boolean {
  const tanstack: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'tanstack') : undefined
  const marked: unknown =
    typeof tanstack === 'object' && tanstack !== null ? Reflect.get(tanstack, 'state') : undefined
  return state === 'output-error' || marked === 'output-error'
}
