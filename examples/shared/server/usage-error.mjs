/** An error for the person at the command line: the program prints its message, without a stack, and ends. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError'
}
