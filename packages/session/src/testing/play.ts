import { delay } from '@streamdb/log'
import { toTokens } from './script.ts'
import type { Script, ScriptStep } from './script.ts'

/** What a model says, piece by piece, in no toolkit's words. */
export type ModelEvent =
  | { readonly type: 'text' | 'reasoning'; readonly text: string }
  | {
      readonly type: 'tool-call'
      /** Absent where the script names none: whoever plays it gives one. */
      readonly id?: string | undefined
      readonly name: string
      readonly input: unknown
    }

/** How a script is played. */
export interface PlayOptions {
  /** Ends it: what waits no longer does, and the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** The rate of texts that have none of their own. */
  readonly tokensPerSecond?: number | undefined
}

/** Plays a script. Throws what the script fails with, and the signal's reason. */
export async function* play(
  script: Script,
  { signal = new AbortController().signal, tokensPerSecond }: PlayOptions = {},
): AsyncGenerator<ModelEvent, void, undefined> {
  for (const step of script) {
    signal.throwIfAborted()
    yield* playStep(step, { signal, tokensPerSecond })
  }
  signal.throwIfAborted()
}

async function* playStep(
  step: ScriptStep,
  { signal, tokensPerSecond }: PlayOptions & { readonly signal: AbortSignal },
): AsyncGenerator<ModelEvent, void, undefined> {
  if (typeof step === 'string') {
    yield* paced({ type: 'text', text: step, rate: tokensPerSecond, signal })
  } else if ('text' in step) {
    yield* paced({ type: 'text', text: step.text, rate: step.tokensPerSecond ?? tokensPerSecond, signal })
  } else if ('reasoning' in step) {
    const rate = step.tokensPerSecond ?? tokensPerSecond
    yield* paced({ type: 'reasoning', text: step.reasoning, rate, signal })
  } else if ('tool' in step) {
    yield { type: 'tool-call', id: step.id, name: step.tool, input: step.input ?? {} }
  } else if ('delay' in step) {
    await delay(step.delay, signal)
  } else if ('wait' in step) {
    await step.wait.pass(signal)
  } else {
    throw typeof step.error === 'string' ? new Error(step.error) : step.error
  }
}

/** The tokens come by a schedule from the first one, so that slow timers do not change the rate. */
async function* paced({
  type,
  text,
  rate,
  signal,
}: {
  readonly type: 'text' | 'reasoning'
  readonly text: string | readonly string[]
  readonly rate: number | undefined
  readonly signal: AbortSignal
}): AsyncGenerator<ModelEvent, void, undefined> {
  const start = performance.now()
  for (const [index, token] of toTokens(text).entries()) {
    const due = rate === undefined ? start : start + (index * 1_000) / rate
    const left = due - performance.now()
    if (left > 0) await delay(left, signal)
    signal.throwIfAborted()
    yield { type, text: token }
  }
}
