/** Throws where two values are not the same JSON; `what` says of what. */
export function same(what: string, received: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(received), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: expected ${shorten(b)} but received ${shorten(a)}`)
}

/** Throws where a promise does not reject with an error of this code. */
export async function rejects(what: string, promise: Promise<unknown>, code: string): Promise<void> {
  const received = await promise.then(
    () => 'no error',
    (error: unknown) => String((Object(error) as { code?: unknown }).code), // whatever was thrown
  )
  same(what, received, code)
}

function shorten(text: string | undefined): string {
  return text !== undefined && text.length > 500 ? `${text.slice(0, 500)}...` : String(text)
}
