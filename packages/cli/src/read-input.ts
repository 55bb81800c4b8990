import { CliError } from './cli-error.ts'

/** Reads the standard input to its end. Throws `usage` where a person would have to type it, and the signal's reason. */
export async function readInput(signal: AbortSignal): Promise<string> {
  const { stdin } = process
  if (stdin.isTTY) {
    throw new CliError('usage', 'Expected events as arguments, or on the standard input, but received none', {
      remedy: 'Pass an event as JSON, or pipe a file: streamdb append rooms/1 < events.ndjson',
    })
  }
  const chunks: Buffer[] = []
  const onAbort = (): void => void stdin.destroy()
  signal.addEventListener('abort', onAbort)
  try {
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array))
  } catch (cause) {
    signal.throwIfAborted()
    throw new CliError('file', `The standard input cannot be read: ${String(cause)}`, { cause })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
  signal.throwIfAborted()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new CliError('invalid-input', 'Expected UTF-8 on the standard input but received other bytes', {
      cause,
    })
  }
}
