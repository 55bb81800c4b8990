import { delay, mayPass } from '@streamdb/log'
import type { AwaitedTxIds } from './awaited-txids.ts'
import { runWriteFunction, toTxIds } from './delivery.ts'
import type { WriteContext, WriteFunction } from './delivery.ts'
import type { LogEnd } from './log-end.ts'
import type { PendingWrite } from './pending-write.ts'
import { failedFunctionError } from './rollback.ts'
import type { ServerCalls } from './server-calls.ts'
import type { TxIds } from './txids.ts'
import { isSettled } from './write.ts'

// Where the end of the log cannot be asked for, rows that the application wrote have this long to come.
const grace = 5000

/** What running the application's write functions works with. */
export interface FunctionWritesOptions {
  readonly txids: Pick<TxIds, 'has'>
  readonly logEnd: LogEnd
  /** Which writes wait for which transactions. */
  readonly awaited: AwaitedTxIds
  /** Calls server actions. */
  readonly serverCalls: Pick<ServerCalls, 'call'>
}

/** Runs write functions of the application, and tells when what they wrote is visible. */
export class FunctionWrites {
  readonly #options: FunctionWritesOptions

  constructor(options: FunctionWritesOptions) {
    this.#options = options
  }

  /** Lets the application write; notes the transactions that it returns. Throws why it failed. */
  async run(pending: PendingWrite, send: WriteFunction, signal: AbortSignal): Promise<void> {
    const result = await runWriteFunction(pending, send, this.#context(pending, signal, false)).catch(
      (error: unknown) => this.#explain(pending, error, signal),
    )
    this.#note(pending, result)
  }

  /** The same for a write that is kept: what may pass by itself is thrown as it is, to be tried again. */
  async runKept(pending: PendingWrite, send: WriteFunction, signal: AbortSignal): Promise<void> {
    const result = await runWriteFunction(pending, send, this.#context(pending, signal, true)).catch(
      (error: unknown) => {
        if (mayPass(error) || signal.aborted) throw error
        return this.#explain(pending, error, signal)
      },
    )
    this.#note(pending, result)
  }

  /** Resolves when everything is visible that the log holds by now, where a function returned no transactions. */
  async waitUntilVisible({ cameWith }: PendingWrite, signal: AbortSignal): Promise<void> {
    if (cameWith.size > 0) return
    await this.#options.logEnd.waitUntilVisible(signal).catch(() => delay(grace, signal))
  }

  /** `isOnce`: whoever keeps the write tries again. */
  #context(
    pending: PendingWrite,
    signal: AbortSignal,
    isOnce: boolean,
  ): Pick<WriteContext, 'signal' | 'callServer'> {
    const { txids, serverCalls } = this.#options
    const { txid, transaction } = pending.write
    const isStored = (): boolean => txids.has(txid) || pending.isInsideSnapshot === true
    const callServer = async (action: string, params: unknown): Promise<string | undefined> => {
      const call = { action, txid, params, isStored, isOnce }
      const { wrote } = await serverCalls.call(transaction, call, signal)
      return wrote ? txid : undefined
    }
    return { signal, callServer }
  }

  #note(pending: PendingWrite, result: unknown): void {
    const { txids, awaited } = this.#options
    const written = toTxIds(result, pending.write.action)
    if (isSettled(pending.write)) return
    for (const txid of written) {
      pending.cameWith.add(txid)
      if (!txids.has(txid)) pending.awaited.add(txid)
    }
    for (const txid of pending.awaited) awaited.add(txid, pending)
  }

  /**
   * A write function threw, which may have appended before: the log says whether it did. Throws why it failed; returns
   * where the write is in the log, inside a snapshot that has not ended.
   */
  async #explain(pending: PendingWrite, thrown: unknown, signal: AbortSignal): Promise<undefined> {
    if (isSettled(pending.write)) throw thrown
    let wasRead = false
    const look = this.#options.logEnd.waitUntilVisible(signal).then(
      () => (wasRead = true),
      () => undefined,
    )
    await Promise.race([look, delay(grace, signal)])
    if (isSettled(pending.write)) throw thrown
    if (!pending.isInsideSnapshot) throw failedFunctionError(pending, thrown, wasRead)
    return undefined
  }
}
