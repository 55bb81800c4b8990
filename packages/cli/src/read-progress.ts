import type { Location } from './options.ts'
import { startProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import { endOf } from './request.ts'
import type { Terminal } from './terminal.ts'

/** Starts the bar of reading a whole stream; without its end where the server does not say. */
export async function startReadProgress(terminal: Terminal, location: Location): Promise<Progress> {
  if (!terminal.isInteractive) return startProgress(terminal, 'reading')
  const end = await endOf(location, terminal.signal).catch(() => undefined)
  terminal.signal.throwIfAborted()
  return startProgress(terminal, 'reading', end)
}
