type Options = Readonly<Record<string, unknown>>
type AnyFunction = (...parameters: readonly unknown[]) => unknown

interface LatestFunction {
  readonly path: readonly string[]
  latest: AnyFunction
}

/** Options that are no part of this: they make another database, or are used once. */
const ignored: readonly string[] = ['state', 'hydrate', 'actions', 'streamOptions.url']

/**
 * The options of a database that lives longer than the render which gave them: its functions are called in the form
 * that was given last, so that they see the properties and the state of that render.
 */
export class LatestOptions<Given extends object> {
  /** The first options, with functions that call the latest form of themselves. */
  readonly options: Given
  readonly #first: Given
  readonly #functions: LatestFunction[] = []

  constructor(first: Given) {
    this.#first = first
    this.options = this.#forward(first, []) as Given // the same shape
  }

  /** Makes the functions of `options` the ones that are called. */
  follow(options: object): void {
    for (const each of this.#functions) {
      const latest = valueAt(options, each.path)
      if (isFunction(latest)) each.latest = latest
    }
  }

  /** Returns the paths of what `options` have otherwise, and cannot change. What they leave out does not differ. */
  differences(options: object): string[] {
    return differences(this.#first, options, false)
  }

  #forward(value: unknown, path: readonly string[]): unknown {
    if (isIgnored(path)) return value
    if (isFunction(value)) {
      const given: LatestFunction = { path, latest: value }
      this.#functions.push(given)
      return (...parameters: readonly unknown[]) => given.latest(...parameters)
    }
    if (!isPlainObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, this.#forward(part, [...path, name])]),
    )
  }
}

/**
 * Returns the paths of options that differ between two renders. Functions do not differ: they are called in their latest
 * form. With `omitted`, what only `before` has differs too.
 */
export function differences(before: object, now: object, omitted: boolean): string[] {
  return compare(before, now, [], omitted)
}

function compare(before: unknown, now: unknown, path: readonly string[], omitted: boolean): string[] {
  if (isIgnored(path) || Object.is(before, now)) return []
  if (now === undefined && !omitted) return []
  if (isFunction(before) && isFunction(now)) return []
  if (Array.isArray(before) && Array.isArray(now) && isSameList(before, now)) return []
  if (!isPlainObject(before) || !isPlainObject(now)) return [path.join('.')]
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].flatMap((name) => compare(before[name], now[name], [...path, name], omitted))
}

/** A list that a render writes out is another one each time, and so are the patterns in it. */
function isSameList(before: readonly unknown[], now: readonly unknown[]): boolean {
  const isSame = (one: unknown, other: unknown): boolean =>
    one instanceof RegExp && other instanceof RegExp
      ? String(one) === String(other)
      : compare(one, other, [], true).length === 0
  return before.length === now.length && before.every((each, at) => isSame(each, now[at]))
}

function valueAt(options: object, path: readonly string[]): unknown {
  let value: unknown = options
  for (const name of path) value = isPlainObject(value) ? value[name] : undefined
  return value
}

function isIgnored(path: readonly string[]): boolean {
  return ignored.includes(path.join('.'))
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function'
}

/** Whether a value is an object literal: instances of classes are compared by identity, and passed on as they are. */
function isPlainObject(value: unknown): value is Options {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
