import type { UIMessage } from 'ai'
import { isData, textOf } from './chunk.ts'
import type { Chunk } from './chunk.ts'

/** A part of a message of the toolkit, of whatever version, while it is put together. */
type Draft = { type: string } & Record<string, unknown>

/**
 * Puts a message together from its chunks, as the toolkit's `readUIMessageStream` does, but at once. The input of a tool call
 * that still streams stays `undefined`; `rawInput` is its text.
 */
export function foldChunks(id: string, chunks: Iterable<Chunk>): UIMessage {
  const fold = new Fold(id)
  for (const chunk of chunks) fold.apply(chunk)
  return fold.message()
}

class Fold {
  #id: string
  #metadata: unknown
  #parts: Draft[] = []
  readonly #active = new Map<string, Draft>()
  readonly #inputs = new Map<string, Chunk & { text: string }>()

  constructor(id: string) {
    this.#id = id
  }

  message(): UIMessage {
    const { role, metadata } = { role: 'assistant' as const, metadata: this.#metadata }
    // Each part was put together as the toolkit does it.
    const parts = this.#parts.map((part) => withoutUndefined(part)) as unknown as UIMessage['parts']
    return metadata === undefined ? { id: this.#id, role, parts } : { id: this.#id, role, metadata, parts }
  }

  apply(chunk: Chunk): void {
    const { type } = chunk
    switch (type) {
      case 'text-start':
      case 'reasoning-start':
        this.#startText(type === 'text-start' ? 'text' : 'reasoning', chunk)
        return
      case 'text-delta':
      case 'reasoning-delta':
      case 'text-end':
      case 'reasoning-end':
        this.#onText(chunk)
        return
      case 'file':
      case 'reasoning-file':
      case 'source-url':
      case 'source-document':
      case 'custom':
      case 'steering-message':
        this.#parts.push({ ...chunk })
        return
      case 'start-step':
        this.#parts.push({ type: 'step-start' })
        return
      case 'reset-step':
        this.#parts.length -= this.#currentStep().length
        this.#active.clear()
        this.#inputs.clear()
        return
      case 'start':
      case 'finish':
      case 'message-metadata':
        this.#onMessage(chunk)
        return
      default:
        if (type.startsWith('tool-')) this.#onTool(chunk)
        else if (isData(chunk)) this.#onData(chunk)
    }
  }

  #startText(type: 'text' | 'reasoning', { id, providerMetadata }: Chunk): void {
    const part: Draft = {
      ...(type === 'reasoning' ? { type, id } : { type }),
      ...{ text: '', providerMetadata, state: 'streaming' },
    }
    this.#active.set(`${type} ${String(id)}`, part)
    this.#parts.push(part)
  }

  #onText(chunk: Chunk): void {
    const [kind = '', what] = chunk.type.split('-')
    const key = `${kind} ${String(chunk['id'])}`
    const part = this.#active.get(key)
    if (part === undefined) return
    part['providerMetadata'] = chunk['providerMetadata'] ?? part['providerMetadata']
    if (chunk['citations'] !== undefined) part['citations'] = chunk['citations']
    if (what === 'delta') part['text'] = `${String(part['text'])}${textOf(chunk, 'delta')}`
    else {
      part['state'] = 'done'
      this.#active.delete(key)
    }
  }

  #onMessage({ type, messageId, messageMetadata }: Chunk): void {
    if (type === 'start' && typeof messageId === 'string') {
      // Another message begins: the toolkit begins anew with it.
      if (messageId !== this.#id) {
        this.#parts = []
        this.#metadata = undefined
        this.#active.clear()
        this.#inputs.clear()
      }
      this.#id = messageId
    }
    if (messageMetadata !== undefined && messageMetadata !== null)
      this.#metadata = merged(this.#metadata, messageMetadata)
  }

  #onData({ transient, ...chunk }: Chunk): void {
    if (transient === true) return
    const { id, type } = chunk
    const known =
      id === undefined ? undefined : this.#parts.find((part) => part.type === type && part['id'] === id)
    if (known === undefined) this.#parts.push({ ...chunk, ...(transient === undefined ? {} : { transient }) })
    else known['data'] = chunk['data']
  }

  #onTool(chunk: Chunk): void {
    const toolCallId = textOf(chunk, 'toolCallId')
    const { type } = chunk
    switch (type) {
      case 'tool-input-start':
        this.#inputs.set(toolCallId, { ...chunk, text: '' })
        this.#put(chunk, { state: 'input-streaming', inputEncoding: chunk['inputEncoding'] })
        return
      case 'tool-input-delta': {
        const input = this.#inputs.get(toolCallId)
        if (input === undefined) return
        input.text += textOf(chunk, 'inputTextDelta')
        const { providerMetadata: _metadata, providerExecuted: _executed, text: rawInput, ...start } = input
        const isText = input['inputEncoding'] === 'text'
        this.#put(start, {
          ...{ state: 'input-streaming', inputEncoding: input['inputEncoding'], rawInput },
          ...(isText ? { input: rawInput } : {}),
        })
        return
      }
      case 'tool-input-available':
        this.#put(chunk, { state: 'input-available', input: chunk['input'] })
        return
      case 'tool-input-error': {
        const known = this.#currentStep().find((part) => part['toolCallId'] === toolCallId)
        const isDynamic = known === undefined ? chunk['dynamic'] === true : known.type === 'dynamic-tool'
        const input = isDynamic ? { input: chunk['input'] } : { rawInput: chunk['input'] }
        this.#put(
          { ...chunk, dynamic: isDynamic },
          { state: 'output-error', errorText: chunk['errorText'], ...input },
        )
        return
      }
      case 'tool-approval-response':
        this.#respond(chunk)
        return
      default:
        this.#onCall(chunk, this.#call(toolCallId))
    }
  }

  /** What comes for a call that is known, in this step or an earlier one. */
  #onCall(chunk: Chunk, part: Draft | undefined): void {
    if (part === undefined) return
    const keep = {
      toolName: part.type.slice('tool-'.length),
      toolCallId: part['toolCallId'],
      input: part['input'],
    }
    switch (chunk.type) {
      case 'tool-approval-request': {
        const { approvalId: id, approvalDescriptor: descriptor, reason, isAutomatic, signature } = chunk
        part['state'] = 'approval-requested'
        part['approval'] = withoutUndefined({
          ...{ id, descriptor, signature, requestReason: reason },
          ...(Object.hasOwn(chunk, 'inputSchemaInput')
            ? { inputSchemaInput: chunk['inputSchemaInput'] }
            : {}),
          ...(isAutomatic === true ? { isAutomatic } : {}),
        })
        return
      }
      case 'tool-output-denied':
        part['state'] = 'output-denied'
        return
      case 'tool-output-available':
      case 'tool-output-error': {
        const { output, preliminary, errorText } = chunk
        const isError = chunk.type === 'tool-output-error'
        const rawInput = isError && part.type !== 'dynamic-tool' ? part['rawInput'] : undefined
        this.#change(
          part,
          { ...keep, ...chunk },
          {
            ...{ state: isError ? 'output-error' : 'output-available', input: part['input'], rawInput },
            ...(isError ? { errorText } : { output, preliminary }),
          },
        )
      }
    }
  }

  #respond({ approvalId, approved, reason, providerExecuted, providerMetadata }: Chunk): void {
    const part = this.#parts.find((each) => Reflect.get(Object(each['approval']), 'id') === approvalId)
    if (part === undefined) return
    part['state'] = 'approval-responded'
    part['approval'] = withoutUndefined({
      ...(isObject(part['approval']) ? part['approval'] : {}),
      approved,
      reason,
    })
    if (providerExecuted !== undefined) part['providerExecuted'] = providerExecuted
    if (providerMetadata !== undefined) part['callProviderMetadata'] = providerMetadata
  }

  /** Changes the call of this step, or adds it. */
  #put(chunk: Chunk, changes: Record<string, unknown>): void {
    const isDynamic = chunk['dynamic'] === true
    const { toolName, toolCallId } = chunk
    const known = this.#currentStep().find(
      (part) => part['toolCallId'] === toolCallId && (part.type === 'dynamic-tool') === isDynamic,
    )
    if (known !== undefined && !isDynamic) known.type = `tool-${String(toolName)}`
    if (known !== undefined && isDynamic) known['toolName'] = toolName
    const part: Draft = known ?? {
      ...(isDynamic ? { type: 'dynamic-tool', toolName } : { type: `tool-${String(toolName)}` }),
      toolCallId,
    }
    if (known === undefined) this.#parts.push(part)
    this.#change(part, chunk, changes)
  }

  #change(part: Draft, chunk: Chunk, changes: Record<string, unknown>): void {
    const isResult = changes['state'] === 'output-available' || changes['state'] === 'output-error'
    for (const field of ['input', 'output', 'errorText', 'rawInput', 'inputEncoding', 'preliminary', 'state'])
      part[field] = changes[field]
    for (const field of ['title', 'toolMetadata', 'providerExecuted'])
      if (chunk[field] !== undefined) part[field] = chunk[field]
    const { providerMetadata } = chunk
    if (providerMetadata !== undefined)
      part[isResult ? 'resultProviderMetadata' : 'callProviderMetadata'] = providerMetadata
  }

  #call(toolCallId: string): Draft | undefined {
    const isCall = (part: Draft): boolean => part['toolCallId'] === toolCallId
    return this.#currentStep().find(isCall) ?? [...this.#parts].reverse().find(isCall)
  }

  #currentStep(): Draft[] {
    return this.#parts.slice(this.#parts.map(({ type }) => type).lastIndexOf('step-start') + 1)
  }
}

/** Merges metadata as the toolkit does: objects field by field. */
function merged(base: unknown, more: unknown): unknown {
  if (!isObject(base) || !isObject(more)) return more
  const entries = Object.entries(more).map(([name, value]): [string, unknown] => [
    name,
    isObject(base[name]) && isObject(value) ? merged(base[name], value) : value,
  ])
  const safe = entries.filter(([name, value]) => value !== undefined && !isUnsafe(name))
  return { ...base, ...Object.fromEntries(safe) }
}

function isUnsafe(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
}
