// What the reader of an example of @streamdb/state has at hand: no server, and no collections.

import { MaterializedState } from '@streamdb/state'

export { line, report, z } from './surroundings.ts'

export const state = new MaterializedState()
