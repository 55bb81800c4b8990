/** Reads all items of a stream, without what the server stamps on them. */
export async function itemsOf(url: string): Promise<unknown[]> {
  // What is not an object has no headers.
  const items = (await (await fetch(`${url}?offset=-1`)).json()) as { headers?: Record<string, unknown> }[]
  for (const { headers } of items) delete headers?.['offset']
  return items
}
