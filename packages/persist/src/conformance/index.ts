export { storeChecks } from './checks.ts'
export type { StoreCheck } from './checks.ts'
