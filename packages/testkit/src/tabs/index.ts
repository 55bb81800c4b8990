export { TabWorld } from './tab-world.ts'
export { WorldTab } from './world-tab.ts'
