// The other checkout once more: what it differs by from itself is noise.
export { open } from './before.mjs'
