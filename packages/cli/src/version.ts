import { readFileSync } from 'node:fs'

// The manifest lies beside the folder of the built files, in the package as in the workspace.
const { version: found } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** The version of this program. */
export const version: string = found
