import type { DurableStreamOptions } from '@durable-streams/client'
import { StreamDBError } from './errors.ts'

/** Gives a header or a parameter. */
type Ask = () => string | Promise<string>
type Values = Record<string, string | Ask>

/**
 * Returns `options` whose header and parameter functions run one at a time, for all requests of a database: while one
 * is under way, whoever else asks is given the same promise. Once it is settled, the next attempt asks anew.
 *
 * One that takes longer than `patience`, in milliseconds, is given up, and asked anew as well. What a function throws
 * is `unreachable`, to be waited out: a `status` that it carries is none of the stream's.
 */
export function shareHeaders(options: DurableStreamOptions, patience: number): DurableStreamOptions {
  const underWay = new Map<Ask, { readonly answer: Promise<string>; readonly until: number }>()

  function share(ask: Ask, name: string): Promise<string> {
    const running = underWay.get(ask)
    if (running && Date.now() < running.until) return running.answer
    const answer = answerOf(ask, name).finally(() => {
      if (underWay.get(ask) === own) underWay.delete(ask)
    })
    const own = { answer, until: Date.now() + patience }
    underWay.set(ask, own)
    return answer
  }

  // Each value is looked up when a request is made, as the client does by itself: it may be another one by then. Names
  // that are added later are not seen.
  const sharing = (values: Values): Values =>
    new Proxy(
      { ...values },
      {
        get(_, name: string) {
          const value = values[name]
          return typeof value === 'function' ? () => share(value, name) : value
        },
      },
    )

  // Undefined parameters are left out by whoever asks for them.
  return {
    ...options,
    headers: sharing(options.headers ?? {}),
    params: sharing((options.params ?? {}) as Values),
  }
}

async function answerOf(ask: Ask, name: string): Promise<string> {
  try {
    return await ask()
  } catch (cause) {
    const what = `The function of the header or parameter "${name}" threw`
    throw new StreamDBError('unreachable', `${what}: ${String(cause)}`, { cause })
  }
}

/** Whether functions give headers or parameters: the next attempt may come with others. */
export function mayRenew(options: DurableStreamOptions | undefined): boolean {
  return Object.values({ ...options?.headers, ...options?.params }).some(
    (value) => typeof value === 'function',
  )
}
