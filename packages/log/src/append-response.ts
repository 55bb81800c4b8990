import { StreamDBError } from './errors.ts'
import type { StreamDBErrorCode } from './errors.ts'
import { codeOf, readSomeText, serverWords, toHttpError } from './http-error.ts'
import type { HttpError } from './http-error.ts'
import { parsePageHead } from './page-head.ts'
import { parseRefusal } from './write-refusal.ts'
import type { WriteRefusal } from './write-refusal.ts'

/** How many bytes of the answer to a write are read; it contains the result of a server action. */
const ANSWER_LIMIT = 16 * 1024 * 1024

/** What a server's answer to an append means. */
export type AppendAnswer =
  /** `text`: what the answer says beside that, which may be nothing. */
  | { readonly type: 'stored'; readonly offset: string | undefined; readonly text: string }
  /** A success that is not the stream server's, such as the page of a captive portal: it proves nothing. */
  | { readonly type: 'no-answer'; readonly error: StreamDBError }
  /** The server knows nothing of this producer, and has stored nothing of the request. */
  | { readonly type: 'producer-unknown'; readonly error: StreamDBError; readonly http: HttpError }
  | {
      readonly type: 'refused'
      readonly error: StreamDBError
      readonly http: HttpError
      /** The transaction that is at fault, where the server says which. */
      readonly txid: string | undefined
    }

/** Reads the answer to an append, and its body: a connection is not used again before. */
export async function readAppendAnswer(response: Response, url: string): Promise<AppendAnswer> {
  const { ok, status, headers } = response
  if (!ok) return refusal(await toHttpError(response), url)
  // Most successes have no body.
  const text = headers.has('content-type') ? await readSomeText(response, ANSWER_LIMIT).catch(() => '') : ''
  const { offset, contentType = 'nothing' } = parsePageHead(status, headers)
  // A stream server says where the log ends or, for a duplicate, which sequence it knows.
  if (offset !== undefined || headers.has('producer-seq')) return { type: 'stored', offset, text }
  const what = `A write to ${url} was answered with ${status} and ${contentType}, without a Stream-Next-Offset header`
  return {
    type: 'no-answer',
    error: new StreamDBError(
      'unreachable',
      `${what}: this is not the stream's server, or something is in between`,
      {
        status,
      },
    ),
  }
}

const reasons: Partial<Record<StreamDBErrorCode, string>> = {
  'stream-ended': 'the stream is closed and accepts no more writes',
  unauthorized: 'it asks for other credentials',
  'stream-not-found': 'there is no such stream',
}

function refusal(http: HttpError, url: string): AppendAnswer {
  const { status, headers, body } = http
  const refused = parseRefusal(body)
  const isEnded = status === 409 && headers.get('stream-closed') !== null
  const isGap = status === 409 && headers.has('producer-expected-seq')
  const isFenced = status === 403 && headers.has('producer-epoch')
  // By a rule, which other credentials would not change.
  const isRule = status === 403 && refused !== undefined && !isFenced
  const code = isEnded ? 'stream-ended' : isRule ? 'write-failed' : (codeOf(status) ?? 'write-failed')
  const why = refused ? describe(refused.reason) : describeStatus(status, code, body)
  const message = `The server refused a write to ${url} with ${status}${why === '' ? '' : `: ${why}`}`
  const error = new StreamDBError(code, message, { cause: http, status, body, reason: refused?.reason })
  if (isGap || isFenced) return { type: 'producer-unknown', error, http }
  return { type: 'refused', error, http, txid: refused?.txid }
}

function describe({ code, message, path }: WriteRefusal): string {
  return `${message} (${code}${path === undefined ? '' : ` at ${path}`})`
}

function describeStatus(status: number, code: StreamDBErrorCode, body: unknown): string {
  const reason = status === 413 ? 'the transaction is too large for it' : reasons[code]
  return [reason, serverWords(body)].filter((each) => each !== undefined).join(': ')
}
