export { bytesCodec } from './bytes-codec.ts'
export { storeChecks } from './checks.ts'
export type { MakeStore, StoreCheck } from './store-check.ts'
