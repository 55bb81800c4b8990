// @ts-check
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * A stream server that the tests run against (docs/servers.md).
 * @typedef {'node' | 'ds' | 'ursula' | 'ursula-cluster'} EngineName
 */

/** @type {readonly EngineName[]} */
export const engineNames = ['node', 'ds', 'ursula', 'ursula-cluster']

/**
 * A server that is built from a crate, at one version.
 * @typedef {object} Crate
 * @property {string} crate
 * @property {string} version
 * @property {string} binary Its file in `bin/`.
 * @property {number} minutes How many CPU minutes its build takes, about.
 */

/** @type {Readonly<Record<'ds' | 'ursula', Crate>>} */
export const crates = {
  ds: { crate: 'durable-streams', version: '0.1.5', binary: 'durable-streams-server', minutes: 2.4 },
  ursula: { crate: 'ursula', version: '0.11.5', binary: 'ursula', minutes: 38 },
}

/**
 * Says which crate an engine is, or undefined where nothing is built for it.
 * @param {EngineName} name
 */
export function crateOf(name) {
  switch (name) {
    case 'node':
      return undefined
    case 'ds':
      return crates.ds
    case 'ursula':
    case 'ursula-cluster':
      return crates.ursula
  }
}

/**
 * Returns the folder that a crate is installed in: outside the repository, one for each version.
 * @param {Crate} crate
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function installFolder({ crate, version }, env = process.env) {
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(cache, 'streamdb', 'engines', `${crate}-${version}`)
}

/**
 * Returns the path of a crate's binary, whether it is installed or not.
 * @param {Crate} crate
 * @param {Readonly<Record<string, string | undefined>>} [env]
 */
export function binaryPath(crate, env) {
  return join(installFolder(crate, env), 'bin', crate.binary)
}

/**
 * Checks the name of an engine, which a person has typed.
 * @param {string} name
 * @returns {asserts name is EngineName}
 */
export function assertEngineName(name) {
  if (!engineNames.some((known) => known === name))
    throw new Error(`Unknown engine ${JSON.stringify(name)}: expected one of ${engineNames.join(', ')}`)
}
