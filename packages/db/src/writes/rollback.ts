import { StreamDBError, toStreamDBError } from '@streamdb/log'
import type { PendingWrite } from './pending-write.ts'

/**
 * Takes back the later writes on the rows of a failed one that were not sent yet, and returns them, oldest first.
 *
 * They depend on it: what they show was made of what it showed. Those that were sent are for the log to decide.
 * `writes`: all that are under way, in their order. `reason`: why an outbox keeps them as refused.
 */
export function withdrawDependents(
  failed: PendingWrite,
  writes: Iterable<PendingWrite>,
  reason: StreamDBError,
): PendingWrite[] {
  const dependents: PendingWrite[] = []
  let isLater = false
  for (const other of writes) {
    if (isLater && dependsOn(other, failed) && other.handle?.withdraw(reason) === true) dependents.push(other)
    isLater ||= other === failed
  }
  return dependents
}

function dependsOn(other: PendingWrite, failed: PendingWrite): boolean {
  for (const key of other.keys) if (failed.keys.has(key)) return true
  return false
}

/** The error of a write that was rolled back because the write it depends on failed. */
export function dependencyError(failed: PendingWrite, cause: StreamDBError): StreamDBError {
  const what = `Rolled back, as an earlier write to the same row failed: ${cause.message}`
  const dependsOn = failed.write.txid
  return new StreamDBError('rolled-back', `${what} (transaction ${dependsOn})`, { cause, dependsOn })
}

/** The error of a kept write that the application discards. */
export function discardedError({ write }: PendingWrite): StreamDBError {
  return new StreamDBError('rolled-back', `The transaction was discarded (transaction ${write.txid})`)
}

/** The error of a write that was being sent when reading stopped. */
export function interruptedError({ write }: PendingWrite, cause: StreamDBError): StreamDBError {
  const what = 'The write may be in the log: it was being sent when reading stopped'
  return new StreamDBError('write-unknown', `${what}: ${cause.message} (transaction ${write.txid})`, {
    cause,
  })
}

/** The error of a write that was acknowledged, and that the log does not hold (SPEC F-real-62). */
export function missingError({ write, awaited }: PendingWrite): StreamDBError {
  const txids = awaited.size > 0 ? [...awaited].join(', ') : write.txid
  const what = `The write was acknowledged, and the log, read to its end since, has no transaction ${txids}`
  const check =
    'Check that whatever answered stored it in this stream, and wrote the txid into the headers of its events'
  return new StreamDBError('write-unknown', `${what}. ${check}`)
}

/** The error of a write whose transaction was rolled back by somebody else. */
export function rollbackReason(error: unknown): StreamDBError {
  if (error !== undefined) return toStreamDBError(error, 'write-failed', 'The transaction failed')
  return new StreamDBError('rolled-back', 'The transaction was rolled back by its owner')
}

/**
 * The error of a write whose function threw. `wasRead`: the log was read to its end since, and does not have its txid;
 * still its rows may have come under another one (F-real-78).
 */
export function failedFunctionError(
  { write, hasRowInLog }: PendingWrite,
  thrown: unknown,
  wasRead: boolean,
): StreamDBError {
  const what = write.action === undefined ? 'The write failed' : `The action "${write.action}" failed`
  const isTimeout = thrown instanceof StreamDBError && thrown.code === 'txid-timeout'
  if (wasRead && !hasRowInLog && !isTimeout) return toStreamDBError(thrown, 'write-failed', what)
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  const doubt = hasRowInLog
    ? 'the log has brought a row as it shows it since it began'
    : 'it cannot be told whether it had written before'
  return new StreamDBError('write-unknown', `${what}: ${why}. It may be in the log: ${doubt}`, {
    cause: thrown,
  })
}
