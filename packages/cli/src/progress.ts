import type { SingleBar } from 'cli-progress'
import type { Terminal } from './terminal.ts'

/** Shows how far long work is, on a terminal. */
export interface Progress {
  /** `position`: an offset, or a number of bytes. */
  update(position: string | number, events: number): void
  stop(): void
}

/** Short work shows none. */
const delay = 400

const silent: Progress = { update: () => undefined, stop: () => undefined }

/** Starts a bar on the standard error; nothing where that is no terminal. `end`: where the work ends, if that is known. */
export async function startProgress(
  { isInteractive }: Pick<Terminal, 'isInteractive'>,
  label: string,
  end?: string | number,
): Promise<Progress> {
  if (!isInteractive) return silent
  const { default: progress } = await import('cli-progress')
  const total = bytesOf(end) ?? 0
  const startedAt = Date.now()
  const bar = total > 0 ? '{bar} {percentage}%  ' : ''
  let shown: SingleBar | undefined
  return {
    update(position, events) {
      if (shown === undefined) {
        if (Date.now() - startedAt < delay) return
        shown = new progress.SingleBar(
          {
            format: `${label} ${bar}{events} events`,
            clearOnComplete: true,
            hideCursor: true,
            stream: process.stderr,
          },
          progress.Presets.shades_classic,
        )
        shown.start(total, 0, { events: 0 })
      }
      shown.update(Math.min(bytesOf(position) ?? 0, total), { events: events.toLocaleString('en') })
    },
    stop: () => shown?.stop(),
  }
}

/** Offsets of the reference server end with a count of bytes; of others nothing is known. */
function bytesOf(position: string | number | undefined): number | undefined {
  if (typeof position === 'number') return position
  const bytes = /^(?:\d+_)?(\d+)$/.exec(position ?? '')?.[1]
  return bytes === undefined ? undefined : Number(bytes)
}
