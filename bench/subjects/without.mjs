// Ours without what a workload is about: no store, no snapshot, every row in TanStack, a database a tab.
export { open } from './ours.mjs'
