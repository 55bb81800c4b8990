import type { Observer } from '@streamdb/db'
import type { InspectedDatabase } from './inspected-database.ts'

/** What a database said, to be heard later. */
export interface Recording {
  /** It had rows before it was recorded: events of it were missed. */
  readonly hasMissed: boolean
  /** Hands out what was recorded, and from then on what is said at once; `time` is in milliseconds since the epoch. */
  replay(observer: TimedObserver): void
}

/** An observer that is also given the time. */
export type TimedObserver = {
  readonly [Name in RecordedName]?: (time: number, ...values: Parameters<Required<Observer>[Name]>) => void
}

type RecordedName = 'onBeforeBatch' | 'onInvalid' | 'onOlderRows' | 'onStatus' | 'onWrite' | 'onRestart'

const recordings = new WeakMap<object, Recording>()

/**
 * Records a database from its first use here on, once: the inspector itself is loaded later, and the first load would be missed.
 * Ends when the database closes.
 */
export function recordingOf(db: InspectedDatabase): Recording {
  let recording = recordings.get(db)
  if (recording === undefined) recordings.set(db, (recording = record(db)))
  return recording
}

function record(db: InspectedDatabase): Recording {
  let target: TimedObserver | undefined
  let waiting: ((to: TimedObserver) => void)[] = []
  const hear = (call: (to: TimedObserver) => void): void => {
    if (target !== undefined) call(target)
    else waiting.push(call)
  }
  const hasMissed = db.offset !== '-1'
  db.observe({
    onBeforeBatch: (batch) => hear(at((time, to) => to.onBeforeBatch?.(time, batch))),
    onInvalid: (invalid) => hear(at((time, to) => to.onInvalid?.(time, invalid))),
    onOlderRows: (events, all) => hear(at((time, to) => to.onOlderRows?.(time, events, all))),
    onStatus: (status) => hear(at((time, to) => to.onStatus?.(time, status))),
    onWrite: (write) => hear(at((time, to) => to.onWrite?.(time, write))),
    onRestart: (reason) => hear(at((time, to) => to.onRestart?.(time, reason))),
  })
  return {
    hasMissed,
    replay(observer) {
      target = observer
      const recorded = waiting
      waiting = []
      for (const call of recorded) call(observer)
    },
  }
}

/** Returns a call with the time of now. */
function at(call: (time: number, to: TimedObserver) => void): (to: TimedObserver) => void {
  const time = Date.now()
  return (to) => call(time, to)
}
