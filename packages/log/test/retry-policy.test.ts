import { describe, expect, test } from 'vitest'
import { decide } from '../src/retry-policy.ts'
import type { Decision, Failure, FailureContext } from '../src/retry-policy.ts'

const context: FailureContext = {
  attempt: 1,
  maxRetries: Infinity,
  onMissing: 'fail',
  isAtStart: false,
  hasPartial: false,
  isProven: true,
  isSeeking: false,
}
const status = (code: number): Failure => ({ type: 'status', status: code })

const fail: Decision = { next: { type: 'fail' } }
const retry: Decision = { next: { type: 'retry', report: 'break' } }
const refuse: Decision = { next: { type: 'retry', report: 'refuse' } }
const check: Decision = { next: { type: 'check-position' } }
const gone = (decision: Decision): Decision => ({ restart: 'stream-gone', ...decision })

describe('decide', () => {
  const table: [string, Failure, Partial<FailureContext>, Decision][] = [
    ['the server is not reached', { type: 'unreachable' }, {}, retry],
    ['the application is at fault', { type: 'final' }, {}, fail],
    ...[408, 425, 429, 500, 502, 503, 504].map((code): (typeof table)[number] => [
      `${code}`,
      status(code),
      {},
      retry,
    ]),
    ...[400, 402, 405, 406, 409, 413, 418, 422, 451].map((code): (typeof table)[number] => [
      `${code}`,
      status(code),
      {},
      fail,
    ]),
    ['401', status(401), {}, refuse],
    ['403', status(403), {}, refuse],
    ['404', status(404), {}, fail],
    ['404 in the middle of a response', status(404), { hasPartial: true }, gone(fail)],
    ['404 that is waited for, at first', status(404), { onMissing: 'wait', isAtStart: true }, retry],
    ['404 that is waited for, in mid life', status(404), { onMissing: 'wait' }, gone(retry)],
    [
      '404 that is created, at first',
      status(404),
      { onMissing: 'create', isAtStart: true },
      { next: { type: 'create' } },
    ],
    [
      '404 that is created, while live',
      status(404),
      { onMissing: 'create' },
      gone({ next: { type: 'create' } }),
    ],
    ['410 at first', status(410), { isAtStart: true }, fail],
    ['[F-net-5] 410 in mid life: retention', status(410), {}, gone(retry)],
    ['[F-real-53] 416 in mid life', status(416), {}, check],
    ['416 at first', status(416), { isAtStart: true }, fail],
    ['400 for a checkpoint that nobody has answered', status(400), { isProven: false }, check],
    ['[F-real-53] an offset that went back', { type: 'went-back' }, {}, check],
    ['[F-real-44] onError says to try again', status(422), { verdict: 'retry' }, retry],
    ['[F-real-44] onError says to stop: credentials', status(401), { verdict: 'stop' }, fail],
    ['[F-real-44] onError says to try again: credentials', status(401), { verdict: 'retry' }, refuse],
    ['[F-real-44] what passes by itself is not for onError', status(503), { verdict: 'stop' }, retry],
    [
      '[F-real-68] 400 for the offset of a reset',
      status(400),
      { isSeeking: true },
      { ...retry, refuseSeek: true },
    ],
    [
      '[F-real-68] 404 for the offset of a reset',
      status(404),
      { isSeeking: true },
      { ...retry, refuseSeek: true },
    ],
    [
      '[F-real-68] an offset before that of a reset',
      { type: 'went-back' },
      { isSeeking: true },
      { ...retry, refuseSeek: true },
    ],
    ['a break while seeking', { type: 'unreachable' }, { isSeeking: true }, retry],
  ]
  test.each(table)('%s', (_what, failure, given, decision) => {
    expect(decide(failure, { ...context, ...given })).toEqual(decision)
  })

  test.each(table.filter(([, , , { next }]) => next.type !== 'fail'))(
    'given up after the last attempt: %s',
    (_what, failure, given) => {
      const { next } = decide(failure, { ...context, ...given, attempt: 3, maxRetries: 2 })
      expect(next).toEqual({ type: 'fail' })
    },
  )
})
