/**
 * Returns the items of a read of a JSON stream: most servers answer with one array, others with a line each (NDJSON).
 *
 * Rejects with what the server said where the answer is no success.
 */
export async function itemsOf<Item = unknown>(response: Response): Promise<Item[]> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url} was answered ${response.status}: ${text}`)
  const isLines = response.headers.get('content-type')?.startsWith('application/x-ndjson') === true
  const json = isLines ? `[${text.split('\n').filter(Boolean).join(',')}]` : text
  // What a test has appended; it says of which type.
  return JSON.parse(json) as Item[]
}
