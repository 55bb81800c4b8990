import { isFinished } from './state.ts'
import type { Job, Request } from './state.ts'

/** Tells whether it makes sense to ask for something to be done with a job, of which `asked` was asked already. */
export function mayAsk(job: Job, asked: Request['action'] | undefined, action: Request['action']): boolean {
  if (asked !== undefined) return false
  switch (action) {
    case 'cancel':
      return !isFinished(job)
    case 'retry':
      return job.state === 'failed' || job.state === 'cancelled'
    case 'remove':
      return isFinished(job)
  }
}
