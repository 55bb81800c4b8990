import type { Recorder } from '@streamdb/log'
import type { Control } from '@streamdb/state'

/** Tells a recorder what a control event says. */
export function recordControl(recorder: Recorder, control: Control): void {
  switch (control) {
    case 'reset':
      return recorder.onReset()
    case 'snapshot-start':
      return recorder.onSnapshotStart()
    case 'snapshot-end':
      return recorder.onSnapshotEnd()
  }
}
