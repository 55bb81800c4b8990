/**
 * Tells whether a text names a port; 0 stands for any that is free.
 * @param {string} text
 */
export function isPort(text) {
  return /^\d+$/.test(text) && Number(text) <= 65535
}

/**
 * Returns the folder in which the user typed the command: npm changes to the package's own before it runs a script.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} cwd
 */
export function typedIn(env, cwd) {
  return env['npm_lifecycle_event'] === 'start' && env['INIT_CWD'] !== undefined ? env['INIT_CWD'] : cwd
}
