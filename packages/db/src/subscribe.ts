/** Adds a listener; returns a function that removes it. Adding one function twice makes two subscriptions. */
export function subscribe<Value>(
  listeners: Set<(value: Value) => void>,
  listener: (value: Value) => void,
): () => void {
  const own = (value: Value): void => listener(value)
  listeners.add(own)
  return () => void listeners.delete(own)
}
