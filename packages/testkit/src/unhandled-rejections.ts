/** The rejections that nobody handled, of the whole test file. */
export function unhandledRejections(): unknown[] {
  const unhandled: unknown[] = []
  process.on('unhandledRejection', (reason) => void unhandled.push(reason))
  return unhandled
}
