import type { Status } from '@streamdb/db'
import type { ConnectionState } from '../model/connection-log.ts'

/** Returns a database's status as the connection log has it. */
export function toConnectionState(status: Status): ConnectionState {
  const { name } = status
  switch (name) {
    case 'catching-up': {
      const { events, bytes } = status.progress
      const from = status.from === 'storage' ? 'rows of the storage are shown; ' : ''
      return {
        name,
        detail: `${from}${events.toLocaleString('en')} events, ${bytes.toLocaleString('en')} bytes`,
      }
    }
    case 'live': {
      const { mode, snapshotSince, older } = status
      const facts = [
        mode === 'polling' ? 'by polling' : undefined,
        snapshotSince === undefined ? undefined : 'inside a snapshot that has not ended',
        older === undefined ? undefined : 'older rows are not loaded',
      ].filter((fact) => fact !== undefined)
      return { name, ...(facts.length > 0 && { detail: facts.join(', ') }) }
    }
    case 'reconnecting':
      return { name, detail: `attempt ${status.attempt}`, error: errorOf(status.error) }
    case 'needs-auth':
    case 'failed':
      return { name, error: errorOf(status.error) }
    case 'ended':
      return { name, detail: status.reason === 'stream-closed' ? 'the stream is closed' : 'not live' }
    case 'idle':
    case 'connecting':
    case 'offline':
    case 'closed':
      return { name }
  }
}

/** Returns of an error what is shown. */
export function errorOf({ code, message }: { readonly code: string; readonly message: string }): {
  readonly code: string
  readonly message: string
} {
  return { code, message }
}
