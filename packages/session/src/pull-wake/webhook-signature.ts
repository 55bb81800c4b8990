/** A signature is too old after this, in seconds. */
const tolerance = 300

/**
 * Resolves with whether the stream server has signed a wake: `t=<seconds>,kid=<key>,ed25519=<signature>` over `<seconds>.<body>`,
 * by one of the keys that it publishes.
 */
export async function verifyWake(
  signature: string | null,
  body: string,
  server: string,
  keys: (server: string) => Promise<readonly JsonWebKey[]> = publishedKeys,
): Promise<boolean> {
  const [, time, kid, signed] = /^t=(\d+),kid=([^,]+),ed25519=([A-Za-z0-9_-]+)$/.exec(signature ?? '') ?? []
  if (time === undefined || signed === undefined) return false
  if (Math.abs(Date.now() / 1_000 - Number(time)) > tolerance) return false
  const key = (await keys(server)).find((each) => Reflect.get(each, 'kid') === kid)
  if (key === undefined) return false
  try {
    const imported = await crypto.subtle.importKey('jwk', key, 'Ed25519', false, ['verify'])
    const data = new TextEncoder().encode(`${time}.${body}`)
    return await crypto.subtle.verify('Ed25519', imported, fromBase64Url(signed), data)
  } catch {
    return false
  }
}

async function publishedKeys(server: string): Promise<readonly JsonWebKey[]> {
  const response = await fetch(new URL('/v1/stream/__ds/jwks.json', server))
  if (!response.ok) return []
  const { keys } = (await response.json()) as { keys?: readonly JsonWebKey[] } // a set of keys, or nothing is signed
  return keys ?? []
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
