export { instrument } from './instrument.ts'
export type { InstrumentOptions } from './instrument.ts'
export type { InstrumentedDatabase } from './instrumented-database.ts'
