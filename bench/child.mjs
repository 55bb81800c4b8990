// Measures one workload on one subject, alone in this process.

import { actions } from './workloads/actions.mjs'
import { firstLoad } from './workloads/first-load.mjs'
import { historySteps } from './workloads/history.mjs'
import { liveLatency, liveRate, txidMemory } from './workloads/live.mjs'
import { onDemandLatency, onDemandLoad, onDemandMount } from './workloads/on-demand.mjs'
import { outbox } from './workloads/outbox.mjs'
import { propagation } from './workloads/propagation.mjs'
import { reconnect } from './workloads/reconnect.mjs'
import {
  sessionFill,
  sessionMemory,
  sessionMessages,
  sessionOpen,
  sessionStream,
} from './workloads/sessions.mjs'
import { compact, snapshotStart } from './workloads/snapshots.mjs'
import { fill, storedLoad, storedRate, storedStart } from './workloads/stored.mjs'

const runs = {
  ...{ actions, compact, fill, firstLoad, liveLatency, liveRate, outbox, propagation },
  ...{ historySteps, onDemandLatency, onDemandLoad, onDemandMount },
  ...{ sessionFill, sessionMemory, sessionMessages, sessionOpen, sessionStream },
  ...{ reconnect, snapshotStart, storedLoad, storedRate, storedStart, txidMemory },
}
const { run, subject, ...params } = JSON.parse(process.argv[2] ?? '{}')
const { open } = await import(`./subjects/${subject}.mjs`)
const figures = await runs[run]({ open, subject, ...params })
process.send?.(figures, () => process.exit())
