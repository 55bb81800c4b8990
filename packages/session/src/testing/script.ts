import type { Gate } from './gate.ts'
import type { ScriptInput } from './script-messages.ts'

/**
 * What a model does next. A string is text.
 *
 * `text` and `reasoning` are streamed word by word, or in the tokens that are given, at `tokensPerSecond`; without a rate as
 * fast as they are read. `tool` calls a tool; what follows it in the same script follows it in the same answer of the model.
 * `delay` waits for milliseconds, `wait` until a gate is open. `error` fails the answer.
 */
export type ScriptStep =
  | string
  | { readonly text: string | readonly string[]; readonly tokensPerSecond?: number | undefined }
  | { readonly reasoning: string | readonly string[]; readonly tokensPerSecond?: number | undefined }
  | { readonly tool: string; readonly input?: unknown; readonly id?: string | undefined }
  | { readonly delay: number }
  | { readonly wait: Gate }
  | { readonly error: string | Error }

/** One answer of a model, from its first step to its last. */
export type Script = readonly ScriptStep[]

/**
 * What a model answers: one script; a script for each turn, where tools are called in between (further turns say nothing);
 * or a function that returns the script.
 */
export type Scripted = Script | readonly Script[] | ((input: ScriptInput) => Script)

/** Returns the script of an answer. */
export function scriptFor(scripted: Scripted, input: ScriptInput): Script {
  if (typeof scripted === 'function') return scripted(input)
  return turnsOf(scripted)[input.turn] ?? []
}

function turnsOf(scripts: Script | readonly Script[]): readonly Script[] {
  // A step is never an array.
  return Array.isArray(scripts[0]) ? (scripts as readonly Script[]) : [scripts as Script]
}

/** Returns a text word by word, each with the white space before it: joined they are the text. */
export function toTokens(text: string | readonly string[]): readonly string[] {
  return typeof text === 'string' ? (text.match(/\s*\S+|\s+$/g) ?? []) : text
}
