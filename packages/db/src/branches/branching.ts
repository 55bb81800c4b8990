import { deleteStream, forkStream, randomId, resolveIndexUrl, StreamDBError } from '@streamdb/log'
import type { StreamHistory } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { CreateStreamDBOptions } from '../options/types.ts'
import { openStreamHistory } from '../past/open-history.ts'
import type { PastReading } from '../past/open-history.ts'
import type { StreamDB } from '../stream-db.ts'
import type { ActionDefinitions } from '../writes/actions.ts'
import { compareBranch } from './compare-branch.ts'
import type { CompareOptions } from './compare-branch.ts'
import { mergeBranch } from './merge-branch.ts'
import type { ComparableBranch } from './comparable-branch.ts'
import type { BranchDifference, ForkedFrom, ForkOptions, MergeOptions, MergeResult } from './types.ts'

/** A database, and what its stream is read by. */
export interface Forked {
  readonly db: Pick<
    StreamDB<StateDefinition>,
    'preload' | 'checkpoint' | 'utils' | 'pendingWrites' | 'subscribeWrites'
  >
  readonly reading: PastReading
}

/** Creates the stream of a branch; resolves with its URL, and where it leaves its source. */
export async function forkDatabase(
  { db, reading }: Forked,
  { at, url }: ForkOptions,
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly forkedFrom: ForkedFrom }> {
  const { stream, times } = reading
  const streamOptions = streamOptionsOf(reading)
  const source = new URL(stream.url)
  const beside = new URL(source)
  beside.pathname = `${source.pathname.replace(/\/$/, '')}-branch-${randomId().slice(0, 8)}`
  const target = url === undefined ? beside.href : new URL(url, source).href
  if (new URL(target).origin !== source.origin) {
    const what = `expected options.url to be on the server of the stream, ${source.origin}`
    throw new StreamDBError('invalid-options', `fork: ${what}`)
  }
  const offset = await offsetOf({ db, reading }, at, signal)
  await forkStream({ stream, streamOptions, url: target, offset, times, signal })
  return { url: target, forkedFrom: { url: stream.url, offset } }
}

/** Returns the options of a branch's database: those of its source, but that it is kept nowhere. */
export function branchOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  given: CreateStreamDBOptions<Definitions, Actions>,
  { stream, snapshotOptions }: Pick<PastReading, 'stream' | 'snapshotOptions'>,
  { url, forkedFrom }: { readonly url: string; readonly forkedFrom: ForkedFrom },
): CreateStreamDBOptions<Definitions, Actions> {
  const { index, until } = snapshotOptions ?? {}
  const { offset } = forkedFrom
  return {
    ...given,
    streamOptions: { ...given.streamOptions, url },
    // Snapshots of the source, until where the branch leaves it, are snapshots of the branch.
    snapshots: snapshotOptions !== undefined && {
      index: resolveIndexUrl(stream.url, index),
      until: until !== undefined && until < offset ? until : offset,
    },
    ...{
      storage: undefined,
      offline: undefined,
      hydrate: undefined,
      onMissing: 'fail',
    },
  }
}

/** Deletes the stream of a branch. */
export async function discardBranch(reading: PastReading, url: string, signal: AbortSignal): Promise<void> {
  const { stream, times } = reading
  await deleteStream({ stream, streamOptions: streamOptionsOf(reading), url, times, signal })
}

/** Lists the rows that differ. */
export async function diffBranch(
  forked: Forked,
  branch: ComparableBranch,
  signal: AbortSignal,
): Promise<readonly BranchDifference<StateDefinition>[]> {
  return comparing(forked, branch, signal, async (options) => {
    const { rows } = await compareBranch(options)
    return rows.map(({ difference }) => difference)
  })
}

/** Merges a branch. */
export async function mergeInto(
  forked: Forked,
  branch: ComparableBranch,
  { resolve }: MergeOptions<StateDefinition>,
  signal: AbortSignal,
): Promise<MergeResult<StateDefinition>> {
  const { db, reading } = forked
  const awaitTxId = (txid: string): Promise<void> => db.utils.awaitTxId(txid, { timeout: Infinity, signal })
  return comparing(forked, branch, signal, (options) =>
    mergeBranch({ ...options, reading, awaitTxId }, { resolve }),
  )
}

async function comparing<Result>(
  { db, reading }: Forked,
  branch: ComparableBranch,
  signal: AbortSignal,
  run: (options: CompareOptions) => Promise<Result>,
): Promise<Result> {
  const { forkedFrom, stream } = branch
  if (forkedFrom.url !== reading.stream.url) {
    const what = `expected a branch of ${reading.stream.url}, but it was forked from ${forkedFrom.url}`
    throw new StreamDBError('invalid-options', `Cannot compare: ${what}`)
  }
  await Promise.all([whenWritten(db, signal), whenWritten(branch, signal)])
  const source = openStreamHistory(reading)
  try {
    return await run({
      ...{ source, forkedFrom, signal, state: reading.options.state, upgrade: reading.upgrade },
      branchPath: new URL(stream.url).pathname,
      openBranch: (base): StreamHistory => openStreamHistory(reading, { base, url: stream.url }),
    })
  } finally {
    source.close()
  }
}

/** Resolves when nothing is being written: what is compared is what the logs have. */
async function whenWritten(
  db: Pick<ComparableBranch, 'pendingWrites' | 'subscribeWrites'>,
  signal: AbortSignal,
): Promise<void> {
  if (db.pendingWrites.length === 0) return
  await new Promise<void>((resolve) => {
    const end = (): void => {
      if (db.pendingWrites.length > 0 && !signal.aborted) return
      signal.removeEventListener('abort', end)
      unsubscribe()
      resolve()
    }
    const unsubscribe = db.subscribeWrites(end)
    signal.addEventListener('abort', end)
  })
  signal.throwIfAborted()
}

/** Returns the offset that a branch begins at. */
async function offsetOf(
  { db, reading }: Forked,
  at: ForkOptions['at'],
  signal: AbortSignal,
): Promise<string> {
  if (typeof at === 'string') return at
  if (at === undefined) {
    // What is not read yet cannot be forked at.
    await db.preload({ signal })
    return db.checkpoint.offset
  }
  const history = openStreamHistory(reading)
  try {
    return (await history.at(at, { signal })).offset
  } finally {
    history.close()
  }
}

function streamOptionsOf({ options }: PastReading): NonNullable<PastReading['options']['streamOptions']> {
  if (options.stream === undefined && options.streamOptions !== undefined) return options.streamOptions
  const what =
    'a handle (options.stream) does not say how its server is reached. Create the database with streamOptions'
  throw new StreamDBError('invalid-options', `Cannot fork: ${what}`)
}
