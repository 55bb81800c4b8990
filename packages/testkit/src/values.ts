import fc from 'fast-check'

/** Names that a plain object already has something under (SPEC P5). */
export const hostileNames = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'] as const

export interface ValueOptions {
  /** Leaves out values that are no objects, which a collection cannot hold. */
  readonly objectsOnly?: boolean | undefined
}

/** Draws small names that often collide, hostile ones among them. */
export function names(ordinary: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ordinary) },
    { weight: 1, arbitrary: fc.constantFrom(...hostileNames) },
  )
}

/** Draws values of rows: JSON that survives the wire unchanged. */
export function values({ objectsOnly = false }: ValueOptions = {}): fc.Arbitrary<unknown> {
  if (objectsOnly) return objects()
  return fc.oneof(
    { weight: 6, arbitrary: objects() },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.constantFrom('dark', '', 0, 42, true, false, null),
        fc.array(scalars(), { maxLength: 3 }),
      ),
    },
  )
}

/** Draws objects over few fields, so that the next value of a key often drops or changes one. */
function objects(): fc.Arbitrary<object> {
  const field = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('name', 'count', 'done', 'tags') },
    { weight: 1, arbitrary: fc.constantFrom(...hostileNames) },
  )
  const nested = fc.oneof(
    { weight: 5, arbitrary: scalars() },
    { weight: 1, arbitrary: fc.array(scalars(), { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(fc.tuple(field, scalars()), { maxLength: 2 }).map(ownFields) },
  )
  return fc.array(fc.tuple(field, nested), { maxLength: 4 }).map(ownFields)
}

function scalars(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.integer({ min: 0, max: 9 }),
    fc.constantFrom('a', 'b', 'ü😀', ''),
    fc.boolean(),
    fc.constant(null),
  )
}

/** Makes an object by definition and not by assignment, as JSON.parse does: `__proto__` becomes a field of its own. */
function ownFields(fields: readonly (readonly [name: string, value: unknown])[]): object {
  return Object.fromEntries(fields)
}
