import type { CurrentRow } from '@streamdb/log'

/** Why a rule refuses what is asked. */
export interface RefusalReason {
  /** A word that programs branch on, such as `not-owner`. */
  readonly code: string
  /** A sentence for people. */
  readonly message: string
  /** A JSON Pointer into the event, such as `/value/text`. */
  readonly path?: string | undefined
}

/** Where in a request a refusal lies. */
export interface RefusedPlace {
  /** Which event of the request, from 0. */
  readonly index?: number | undefined
  /** The transaction of that event. */
  readonly txid?: string | undefined
}

/** What else an answer says that refuses. */
export interface RefusalDetails extends RefusalReason, RefusedPlace {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Of a conflict: what is there now. */
  readonly current?: CurrentRow | undefined
}

/** A request that is refused whole: its answer is `{ error: { code, message, path?, index?, txid? } }`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: string
  readonly path: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly place: RefusedPlace
  readonly current: CurrentRow | undefined

  constructor({ status, code, message, path, headers = {}, index, txid, current }: RefusalDetails) {
    super(message)
    this.status = status
    this.code = code
    this.path = path
    this.headers = headers
    this.place = { index, txid }
    this.current = current
  }

  /** Returns the same refusal of an event of a request. */
  at(place: RefusedPlace): Refusal {
    const { status, code, message, path, headers, current } = this
    return new Refusal({ status, code, message, path, headers, current, ...place })
  }

  /** Returns the same refusal for a user who may not read: without current rows. */
  withoutCurrent(): Refusal {
    const { status, code, message, path, headers, place } = this
    return new Refusal({ status, code, message, path, headers, ...place })
  }

  /** Returns the body of the answer. */
  toJSON(): { readonly error: RefusalReason & RefusedPlace & Pick<RefusalDetails, 'current'> } {
    const { code, message, path, place, current } = this
    const { index, txid } = place
    return {
      error: {
        code,
        message,
        ...(path !== undefined && { path }),
        ...(index !== undefined && { index }),
        ...(txid !== undefined && { txid }),
        ...(current !== undefined && { current }),
      },
    }
  }
}

/** Returns the answer that a refusal is; that to HEAD has no body. */
export function toResponse(
  refusal: Refusal,
  { method }: Pick<Request, 'method'>,
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(method === 'HEAD' ? null : JSON.stringify(refusal), {
    status: refusal.status,
    headers: {
      ...{ 'content-type': 'application/json', 'cache-control': 'no-store' },
      ...{ 'x-content-type-options': 'nosniff', ...headers, ...refusal.headers },
    },
  })
}
