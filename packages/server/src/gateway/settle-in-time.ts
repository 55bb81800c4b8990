import { StreamDBError } from '@streamdb/log'

/**
 * Resolves with the result of a function of the application. Throws its error, and `callback-failed` if it has not settled
 * after `timeout` milliseconds. `what`: its name.
 */
export async function settleInTime<Value>(
  what: string,
  timeout: number,
  run: () => Value | Promise<Value>,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new StreamDBError('callback-failed', `${what} did not settle within ${timeout} ms`))
    }, timeout)
  })
  try {
    return await Promise.race([Promise.resolve().then(run), late])
  } finally {
    clearTimeout(timer)
  }
}
