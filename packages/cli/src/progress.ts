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
  const percentage = total > 0 ? '{bar} {percentage}%  ' : ''
  const bar = new progress.SingleBar(
    {
      format: `${label} ${percentage}{events} events`,
      ...{ clearOnComplete: true, hideCursor: true, stream: process.stderr },
    },
    progress.Presets.shades_classic,
  )
  let at = 0
  let events = 0
  let isShown = false
  const timer = setTimeout(() => {
    isShown = true
    bar.start(total, at, { events: events.toLocaleString('en') })
  }, delay)
  return {
    update(position, count) {
      at = Math.min(bytesOf(position) ?? at, total)
      events = count
      if (isShown) bar.update(at, { events: events.toLocaleString('en') })
    },
    stop() {
      clearTimeout(timer)
      // Stopped, it shows the cursor again.
      if (isShown) bar.stop()
    },
  }
}

/** Offsets of the reference server end with a count of bytes; of others nothing is known. */
function bytesOf(position: string | number | undefined): number | undefined {
  if (typeof position === 'number') return position
  const bytes = /^(?:\d+_)?(\d+)$/.exec(position ?? '')?.[1]
  return bytes === undefined ? undefined : Number(bytes)
}
