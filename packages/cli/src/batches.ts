/** The JSON texts of events that are stored together. */
export type StreamEventTexts = readonly string[]

/** Cuts a list into parts of at most `size`. */
export function batchesOf(texts: StreamEventTexts, size: number): StreamEventTexts[] {
  const batches: StreamEventTexts[] = []
  for (let index = 0; index < texts.length; index += size) batches.push(texts.slice(index, index + size))
  return batches
}
