import fc from 'fast-check'

/** Draws JSON that is no event: every row of SPEC F-event-1 to F-event-3. */
export function garbage(): fc.Arbitrary<unknown> {
  return fc.oneof(notEvents(), unknownWords(), brokenIdentity(), brokenValue())
}

/** F-event 1: nothing that has headers. */
function notEvents(): fc.Arbitrary<unknown> {
  const other = fc.constantFrom<unknown>(
    0,
    42,
    '',
    'insert',
    true,
    false,
    null,
    [],
    {},
    [1],
    [{ headers: {} }],
  )
  const headers = fc.constantFrom<unknown>(null, 'insert', 7, true, [], ['operation'], {}, { txid: 'tx-1' })
  return fc.oneof(
    other,
    fc.constant({ type: 'user', key: '1', value: {} }),
    headers.map((wrong) => ({ ...event(), headers: wrong })),
  )
}

/** F-event 2: words that the protocol does not have, or both kinds at once. */
function unknownWords(): fc.Arbitrary<unknown> {
  const words = fc.constantFrom<unknown>(
    'replace',
    'INSERT',
    'Insert',
    ' insert',
    '',
    'toString',
    '__proto__',
    null,
    1,
    true,
    {},
    ['insert'],
  )
  const controls = fc.constantFrom<unknown>(
    'RESET',
    'snapshot',
    'snapshot_start',
    'up-to-date',
    '',
    'constructor',
    null,
    0,
    {},
  )
  return fc.oneof(
    words.map((operation) => ({ ...event(), headers: { operation } })),
    controls.map((control) => ({ headers: { control } })),
    fc.constant({ ...event(), headers: { operation: 'insert', control: 'reset' } }),
  )
}

/** F-event 3: a type or a key that is missing, empty or no string. */
function brokenIdentity(): fc.Arbitrary<unknown> {
  const wrong = fc.constantFrom<unknown>(7, 0, null, '', true, {}, ['1'])
  const operations = fc.constantFrom('insert', 'update', 'upsert', 'delete')
  const { type, key, value } = event()
  return operations.chain((operation) =>
    fc.oneof(
      fc.constantFrom<object>(
        { key, value, headers: { operation } },
        { type, value, headers: { operation } },
      ),
      wrong.map((name) => ({ type: name, key, value, headers: { operation } })),
      wrong.map((name) => ({ type, key: name, value, headers: { operation } })),
    ),
  )
}

/** F-event 3: a write without a value. */
function brokenValue(): fc.Arbitrary<unknown> {
  const { type, key } = event()
  return fc
    .constantFrom('insert', 'update', 'upsert')
    .map((operation) => ({ type, key, headers: { operation } }))
}

function event(): { type: string; key: string; value: object; headers: object } {
  return { type: 'user', key: '1', value: { name: 'a' }, headers: { operation: 'insert' } }
}
