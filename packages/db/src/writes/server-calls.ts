import type { Transaction } from '@tanstack/db'
import { StreamDBError } from '@streamdb/log'
import type { ActionCall, ActionSender, CallAnswer } from '@streamdb/log'

/** The transaction of a call of a server action. */
export type ServerTransaction<Result> = Transaction & {
  /**
   * What the action returned, once the transaction is confirmed. Rejects as the transaction does, and with `result-unknown` where
   * the gateway no longer knows it.
   */
  readonly result: Promise<Result>
}

/** The half of an action that runs on the server. */
export interface ServerHalf<Result> {
  /** By which the server knows it. */
  readonly name: string
  /** Returns what the server returned as the client has it. Throws what it is not. */
  readonly parse: (value: unknown) => Result
}

/** Calls server actions, and knows what they returned. */
export class ServerCalls {
  readonly #sender: ActionSender
  readonly #answers = new WeakMap<Transaction, Promise<CallAnswer>>()

  constructor(sender: ActionSender) {
    this.#sender = sender
  }

  /** Calls an action for a transaction. Rejects as an append does. */
  call(transaction: Transaction, call: ActionCall, signal: AbortSignal): Promise<CallAnswer> {
    const answer = this.#sender.call(call, signal)
    this.#answers.set(transaction, answer)
    return answer
  }

  /** Gives a transaction its `result`, which is asked for where somebody looks at it. */
  addResult<Result>(
    transaction: Transaction,
    txid: string,
    half: ServerHalf<Result>,
  ): ServerTransaction<Result> {
    let result: Promise<Result> | undefined
    // Looked at by nobody, it may fail without anybody being told: the transaction is.
    const get = (): Promise<Result> => (result ??= this.#resultOf(transaction, txid, half))
    return Object.defineProperty(transaction, 'result', { get }) as ServerTransaction<Result> // with it
  }

  async #resultOf<Result>(
    transaction: Transaction,
    txid: string,
    { name, parse }: ServerHalf<Result>,
  ): Promise<Result> {
    await transaction.when('settled')
    // The log may have confirmed it before the answer came, or without one: another tab may have sent it.
    const answer = await this.#answers.get(transaction)?.catch(() => undefined)
    const { returned } =
      answer?.returned === undefined ? await this.#sender.askAgain({ action: name, txid }) : answer
    if (returned !== undefined) return parse(returned.value)
    const what = `What the action "${name}" returned is not known any more (transaction ${txid})`
    throw new StreamDBError('result-unknown', `${what}. What it wrote is in the log: read its rows`)
  }
}
