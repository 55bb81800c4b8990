import { delimiter, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.mjs'

/**
 * Reads `--name VALUE` options; throws a `UsageError` that shows the usage for anything else.
 *
 * Options whose value is `PATH` come back as absolute paths, relative to the folder in which the command was typed;
 * `PATHS`, with commas between them, as absolute paths with the system's delimiter between them.
 * @template {string} Name
 * @param {Readonly<Record<Name, 'PATH' | 'PATHS' | 'NUMBER' | 'URL' | 'NAME' | 'NAMES'>>} options What each option's value is.
 * @param {readonly string[]} argv
 * @param {string} folder
 * @returns {Partial<Record<Name, string>>}
 */
export function readCommandLine(options, argv, folder) {
  const kinds = /** @type {[Name, string][]} */ (Object.entries(options))
  const usage = `Usage: npm start -- ${kinds.map(([name, kind]) => `[--${name} ${kind}]`).join(' ')}`
  const values = parse()
  for (const [name, kind] of kinds) {
    const value = values[name]
    if (value === undefined) continue
    if (kind === 'PATH') values[name] = resolve(folder, value)
    if (kind === 'PATHS') {
      const paths = value.split(',').filter((path) => path !== '')
      values[name] = paths.map((path) => resolve(folder, path)).join(delimiter)
    }
    if (kind === 'NUMBER' && !isPort(value)) {
      throw new UsageError(`--${name} expected a number from 0 to 65535 but received "${value}"\n${usage}`)
    }
    if (kind === 'URL' && !isHttpUrl(value)) {
      throw new UsageError(
        `--${name} expected an address that begins with http but received "${value}"\n${usage}`,
      )
    }
  }
  return values

  /** @returns {Partial<Record<Name, string>>} */
  function parse() {
    try {
      const config = Object.fromEntries(
        kinds.map(([name]) => [name, { type: /** @type {const} */ ('string') }]),
      )
      // Every option is a string, as declared in the line above.
      return /** @type {Partial<Record<Name, string>>} */ (
        parseArgs({ args: [...argv], options: config }).values
      )
    } catch (error) {
      throw new UsageError(`${error instanceof Error ? error.message : error}\n${usage}`)
    }
  }
}

/**
 * Returns the folder in which the command was typed: npm changes to the package's folder before it runs a script.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cwd
 */
export function invocationFolder(env, cwd) {
  return env['npm_lifecycle_event'] === 'start' && env['INIT_CWD'] !== undefined ? env['INIT_CWD'] : cwd
}

/**
 * Tells whether a text is a port; 0 stands for any free one.
 * @param {string} text
 */
function isPort(text) {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535
}

/** @param {string} text */
function isHttpUrl(text) {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
