// What the reader of an example of @streamdb/testing has at hand: a definition, the database, and the test runner.

export { createStreamDB } from '@streamdb/db'
export { vi } from 'vitest'
export { state } from './surroundings.ts'
