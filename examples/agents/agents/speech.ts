import { setTimeout as sleep } from 'node:timers/promises'

/** How fast the agents write. Tests may ask for more, or for less. */
const tokensPerSecond = Number(process.env['AGENTS_TOKENS_PER_SECOND'] ?? 28)

/** Says a text token by token, as a model would. */
export async function* say(text: string, signal: AbortSignal): AsyncGenerator<string> {
  for (const token of text.match(/\s*\S+|\s+$/g) ?? []) {
    await sleep(1000 / tokensPerSecond, undefined, { signal })
    yield token
  }
}
