import { toStreamDBError } from '@streamdb/log'
import type { AppendReceipt, Outbox, OutboxHandle, WriteTransport } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'

/**
 * Returns a transport that puts writes into an outbox which tabs share: the tab that leads sends them (SPEC T5).
 *
 * What is refused leaves the outbox, as nobody else is to decide about it: this tab removes it, or, where it is gone, the
 * tab that leads.
 */
export function createOutboxTransport(outbox: Outbox): WriteTransport {
  return {
    append({ txid, body, onRetry }, signal) {
      outbox.assertRoom()
      // The body was made of events.
      const events = JSON.parse(`[${body}]`) as ChangeEvent[]
      const handle = outbox.add({ txid, events, isTransient: true }, { onRetry })
      const onAbort = (): void =>
        void handle.withdraw(toStreamDBError(signal?.reason, 'aborted', 'The write was aborted'))
      if (signal?.aborted === true) onAbort()
      signal?.addEventListener('abort', onAbort, { once: true })
      return { ...handle, done: settle(outbox, txid, handle) }
    },
    retryNow: () => outbox.retryNow(),
  }
}

async function settle(outbox: Outbox, txid: string, { done }: OutboxHandle): Promise<AppendReceipt> {
  try {
    return await done
  } catch (error) {
    outbox.discard(txid)
    throw error
  }
}
