/** The page with a section for every code: meaning, cause and remedy. */
const page = 'https://github.com/streamdb/streamdb/blob/main/docs/errors.md'

/**
 * Returns the address of the section `anchor` of the page on errors, and adds it to what is printed of `error`: its stack. The
 * message stays as it is, so that a page can show it to its users.
 */
export function errorHelp(error: Error, anchor: string): string {
  const help = `${page}#${anchor}`
  const { message, stack } = error
  // Engines whose stacks do not begin with the message print it by themselves.
  if (message !== '' && stack !== undefined && stack.includes(message))
    error.stack = stack.replace(message, () => `${message}\n  See ${help}`)
  return help
}
