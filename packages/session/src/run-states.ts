import type { Run } from './rows.ts'

/** Whether nothing more happens to a run. */
export function isOver({ status }: Pick<Run, 'status'>): boolean {
  switch (status) {
    case 'running':
    case 'waiting':
    case 'interrupted':
      return false
    case 'done':
    case 'failed':
    case 'cancelled':
    case 'superseded':
    case 'skipped':
      return true
  }
}

/** Returns how many attempts of a run count against its budget. */
export function countedAttempts({
  attempt,
  freeAttempts = 0,
}: Pick<Run, 'attempt' | 'freeAttempts'>): number {
  return attempt - freeAttempts
}

/** Whether some process is meant to work on it. */
export function isActive({ status }: Pick<Run, 'status'>): boolean {
  return status === 'running' || status === 'waiting'
}
