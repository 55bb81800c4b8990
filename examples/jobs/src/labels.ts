import type { Job, JobKind } from './state.ts'

/** What the kinds of jobs are called: the choice in the form, and a job's title before its path. */
export const kindLabels: Readonly<Record<JobKind, { readonly name: string; readonly about: string }>> = {
  hash: { name: 'Hash', about: 'SHA-256 of every file of a tree, and of all of them together' },
  words: { name: 'Count words', about: 'Lines, words and the most frequent words of a tree of text files' },
  compress: { name: 'Compress', about: 'A file, with gzip or brotli' },
  fault: {
    name: 'Throw once',
    about: 'Throws half way at its first attempt, so that there is something to retry',
  },
}

/** The order in which kinds are offered. */
export const kinds = ['hash', 'words', 'compress', 'fault'] as const satisfies readonly JobKind[]

type State = Job['state']

/** What a job's state is called, and its colour. */
export const stateLabels: Readonly<Record<State, readonly [label: string, tone: string]>> = {
  queued: ['Queued', 'waiting'],
  running: ['Running', 'busy'],
  done: ['Done', 'good'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'off'],
}

/** The order in which states are counted. */
export const states = ['queued', 'running', 'done', 'failed', 'cancelled'] as const satisfies readonly State[]

/** `Hash packages/log`. */
export function titleOf({ kind, path, format }: Pick<Job, 'kind' | 'path' | 'format'>): string {
  return `${kindLabels[kind].name} ${path === '.' ? 'everything' : path}${format === undefined ? '' : ` with ${format}`}`
}

const sizes = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `1234567` -> `1.2 MB`. */
export function size(bytes: number): string {
  const step = bytes < 1_000 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log10(bytes) / 3))
  return step === 0 ? `${bytes} bytes` : `${(bytes / 1_000 ** step).toFixed(1)} ${sizes[step]}`
}

/** The part of a job that is done, from 0 to 1. */
export function shareOf({ progress }: Pick<Job, 'progress'>): number {
  return progress === undefined || progress.total === 0 ? 0 : progress.done / progress.total
}
