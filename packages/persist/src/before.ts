import { StreamDBError } from '@streamdb/log'

/**
 * Resolves as `promise` does, or rejects with `storage-failed` after `ms` milliseconds; `late` is given what comes after
 * that.
 */
export async function before<Value>(
  ms: number,
  promise: Promise<Value>,
  late: (value: Value) => void = () => undefined,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isOver = true
      reject(new StreamDBError('storage-failed', `No answer within ${ms} ms`))
    }, ms)
  })
  promise.then(
    (value) => isOver && late(value),
    () => undefined,
  )
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
