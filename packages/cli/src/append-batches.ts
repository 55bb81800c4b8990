import { createHash } from 'node:crypto'
import { createHttpSender, defaultTimes, openStream, randomId } from '@streamdb/log'
import type { StreamEventTexts } from './batches.ts'
import type { Location } from './options.ts'
import type { Terminal } from './terminal.ts'

/** Failed attempts after which a command gives up: some five seconds. */
export const mostRetries = 6

/** Returns a function that stores one batch, all of it or nothing, and once however often it is tried. */
export function createBatchSender(
  location: Location,
  terminal: Pick<Terminal, 'signal' | 'note'>,
): (
  batch: StreamEventTexts,
  producer: { readonly id: string; readonly seq: number },
) => Promise<string | undefined> {
  const { stream, streamOptions } = openStream({ ...location, warnOnHttp: false })
  const times = { ...defaultTimes, maxRetries: mostRetries }
  const sender = createHttpSender({ stream, streamOptions, times, signal: terminal.signal })
  return async (batch, { id, seq }) => {
    const result = await sender.send(
      {
        body: `[${batch.join(',')}]`,
        producer: { id, epoch: 0, seq },
        isStored: () => false,
        onRetry: (attempts, _, error) =>
          terminal.note(`attempt ${attempts} failed, trying again: ${error.message}`),
        onWaiting: () => undefined,
      },
      terminal.signal,
    )
    if (result.type === 'stored') return result.offset
    throw result.error
  }
}

/**
 * Returns the name of a producer. With a transaction's id it is the same for the same events: the server stores them once,
 * also when the command is run again.
 */
export function producerName(txid: string | undefined, batches: readonly StreamEventTexts[]): string {
  if (txid === undefined) return `streamdb-append-${randomId()}`
  const hash = createHash('sha256').update(`${txid}\n`)
  for (const batch of batches) for (const text of batch) hash.update(text).update('\n')
  return `streamdb-append-${hash.digest('hex').slice(0, 32)}`
}
