/**
 * Returns a unique id: a UUID where the runtime has `randomUUID`, which a page on plain HTTP has not.
 *
 * Never called while a module loads: some runtimes have no randomness then.
 */
export function randomId(): string {
  const { crypto } = globalThis as { crypto?: Partial<Crypto> } // absent on old runtimes, and in part on plain HTTP
  if (crypto?.randomUUID !== undefined) return crypto.randomUUID()
  const bytes = new Uint8Array(16)
  if (crypto?.getRandomValues !== undefined) crypto.getRandomValues(bytes)
  else for (let index = 0; index < bytes.length; index++) bytes[index] = Math.random() * 256
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
