import { scriptedModel } from '@streamdb/session/testing'

/** How fast the agents write. Tests may ask for more, or for less. */
const tokensPerSecond = Number(process.env['AGENTS_TOKENS_PER_SECOND'] ?? 28)

/** Says a text token by token, as a model would. */
export function say(text: string, signal: AbortSignal): AsyncIterable<string> {
  return scriptedModel([{ text, tokensPerSecond }]).stream([], { signal })
}
