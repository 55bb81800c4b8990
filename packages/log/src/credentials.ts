import type { DurableStreamOptions } from '@durable-streams/client'
import { StreamDBError } from './errors.ts'

/** A header's or parameter's value, or what gives it for each attempt. */
type Value = string | (() => string | Promise<string>) | undefined
type Values = Readonly<Record<string, Value>>

/**
 * Returns `options` whose header and parameter functions run one at a time, for all requests of a database: while one
 * runs, every other request that asks is given the same promise. Once it has settled, the next attempt calls the function again.
 *
 * A run that takes longer than `patience`, in milliseconds, is abandoned, and the function is called again. What a function throws
 * is `unreachable`, to be waited out: a `status` that it carries is none of the stream's.
 */
export function shareHeaders(options: DurableStreamOptions, patience: number): DurableStreamOptions {
  const running = new Map<() => unknown, { readonly answer: Promise<string>; readonly until: number }>()

  function share(ask: () => string | Promise<string>, name: string): Promise<string> {
    const run = running.get(ask)
    // A monotonic clock: the system clock may be set back (SPEC F-real-69).
    if (run && performance.now() < run.until) return run.answer
    const answer = runOnce(ask, name).finally(() => {
      if (running.get(ask) === own) running.delete(ask)
    })
    const own = { answer, until: performance.now() + patience }
    running.set(ask, own)
    return answer
  }

  /** Each value is looked up when a request is made: it may be another one by then. Names added later are not seen. */
  function sharing<Given extends Values>(
    values: Given | undefined,
  ): Record<string, Exclude<Value, undefined>> {
    const shared: Record<string, Exclude<Value, undefined>> = {}
    for (const name of Object.keys(values ?? {})) {
      Object.defineProperty(shared, name, {
        enumerable: true,
        get: () => {
          const value = values?.[name]
          return typeof value === 'function' ? () => share(value, name) : value
        },
      })
    }
    return shared
  }

  return { ...options, headers: sharing(options.headers), params: sharing(options.params) }
}

async function runOnce(ask: () => string | Promise<string>, name: string): Promise<string> {
  try {
    return await ask()
  } catch (cause) {
    const what = `The function of the header or parameter "${name}" threw`
    throw new StreamDBError('unreachable', `${what}: ${String(cause)}`, { cause })
  }
}

/** Returns the values of a moment, one after the other; undefined ones are left out. */
export async function resolveValues(values: Values | undefined): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {}
  for (const name of Object.keys(values ?? {})) {
    const value = values?.[name]
    const given = typeof value === 'function' ? await value() : value
    if (given !== undefined) resolved[name] = given
  }
  return resolved
}

/** Resolves with a URL that has the parameters of a stream's options in its query: their values of this moment. */
export async function withParams(
  url: string | URL,
  { params }: Pick<DurableStreamOptions, 'params'>,
): Promise<string> {
  const target = new URL(url)
  for (const [name, value] of Object.entries(await resolveValues(params)))
    target.searchParams.set(name, value)
  return target.href
}

/** Whether functions give headers or parameters: the next attempt may come with others. */
export function mayRenew(options: DurableStreamOptions | undefined): boolean {
  if (options?.onError !== undefined) return true
  return Object.values({ ...options?.headers, ...options?.params }).some(
    (value) => typeof value === 'function',
  )
}

/** Throws `invalid-options` for a header that cannot be sent; its value may be a secret, and is not named. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]])
    } catch {
      throw new StreamDBError(
        'invalid-options',
        `The header "${name}" cannot be sent: expected a name of letters, digits and "-", and a value of Latin-1 characters without line breaks`,
      )
    }
  }
}
