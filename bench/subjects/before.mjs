import * as before from '../dist/before.js'
import { open as openOurs } from './ours.mjs'

/** Opens our layer as another checkout has it: `npm run bench -- --against FOLDER`. */
export function open(task) {
  return openOurs(task, true, before)
}
