import { createTransaction } from '@tanstack/db'
import { describe, expect, test } from 'vitest'
import { StreamDBError } from '../src/index.ts'
import type { Write, WriteState } from '../src/index.ts'
import { nextWrite } from '../src/writes/write.ts'
import type { WriteEvent } from '../src/writes/write.ts'

const refused = new StreamDBError('write-failed', 'The server refused the write')
const unreachable = new StreamDBError('unreachable', 'The server could not be reached')
const transaction = createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })

const states: { readonly [Name in WriteState['name']]: WriteState } = {
  pending: { name: 'pending' },
  acknowledged: { name: 'acknowledged' },
  confirmed: { name: 'confirmed' },
  failed: { name: 'failed', error: refused },
}

const events: { readonly [Type in WriteEvent['type']]: WriteEvent } = {
  retry: { type: 'retry', attempts: 2, error: unreachable, nextTry: 100 },
  acknowledge: { type: 'acknowledge' },
  confirm: { type: 'confirm' },
  fail: { type: 'fail', error: refused },
}

/** Every state and event; `same`: the very same object. */
const table: Record<WriteState['name'], Record<WriteEvent['type'], WriteState['name'] | 'same'>> = {
  pending: { retry: 'pending', acknowledge: 'acknowledged', confirm: 'confirmed', fail: 'failed' },
  acknowledged: { retry: 'same', acknowledge: 'same', confirm: 'confirmed', fail: 'failed' },
  confirmed: { retry: 'same', acknowledge: 'same', confirm: 'same', fail: 'same' },
  failed: { retry: 'same', acknowledge: 'same', confirm: 'same', fail: 'same' },
}

function writeIn(state: WriteState): Write {
  return { txid: 'tx', transaction, state, attempts: 0 }
}

describe('the next state of a write', () => {
  const cells = Object.entries(table).flatMap(([state, row]) =>
    Object.entries(row).map(([event, to]) => [state, event, to] as const),
  )
  test.each(cells)('[W1] %s, %s: %s', (state, event, to) => {
    // Names of the table, as its type has them.
    const write = writeIn(states[state as WriteState['name']])
    const next = nextWrite(write, events[event as WriteEvent['type']])
    if (to === 'same') expect(next).toBe(write)
    else expect(next.state.name).toBe(to)
  })

  test('[F-real-34] a failed attempt shows its count, its error and the next try; they go when it is stored', () => {
    const tried = nextWrite(writeIn(states.pending), events.retry)
    expect(tried).toMatchObject({ attempts: 2, lastError: unreachable, nextTry: 100 })
    expect(nextWrite(tried, events.acknowledge)).toMatchObject({
      attempts: 2,
      lastError: undefined,
      nextTry: undefined,
    })
  })

  test('[F-write-4] a stored write that fails is unknown, with the reason as the cause; a closed one is closed', () => {
    const failed = nextWrite(writeIn(states.acknowledged), events.fail).state
    expect(failed).toMatchObject({ error: { code: 'write-unknown', cause: refused } })
    for (const code of ['closed', 'rolled-back', 'write-unknown'] as const) {
      const error = new StreamDBError(code, 'end')
      expect(nextWrite(writeIn(states.acknowledged), { type: 'fail', error }).state).toEqual({
        name: 'failed',
        error,
      })
    }
  })
})
