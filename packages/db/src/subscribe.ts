/** Adds a listener; returns what takes it out again. One function that is given twice is two subscriptions. */
export function subscribe<Value>(
  listeners: Set<(value: Value) => void>,
  listener: (value: Value) => void,
): () => void {
  const own = (value: Value): void => listener(value)
  listeners.add(own)
  return () => void listeners.delete(own)
}
