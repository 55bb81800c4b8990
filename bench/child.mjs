// Measures one workload on one subject, alone in this process.

import { actions } from './workloads/actions.mjs'
import { firstLoad } from './workloads/first-load.mjs'
import { liveLatency, liveRate, txidMemory } from './workloads/live.mjs'

const runs = { actions, firstLoad, liveLatency, liveRate, txidMemory }
const { run, subject, ...params } = JSON.parse(process.argv[2] ?? '{}')
const { open } = await import(`./subjects/${subject}.mjs`)
const figures = await runs[run]({ open, ...params })
process.send?.(figures, () => process.exit())
