export type { Checkpoint } from '@streamdb/log'
