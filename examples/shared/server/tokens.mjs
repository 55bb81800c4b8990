import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How long a token is good for, in milliseconds. */
const lifetime = 12 * 60 * 60_000
const longest = 1_000

/**
 * Who sent a request.
 * @typedef {{ readonly id: string }} Principal
 */

/**
 * Tokens that say who somebody is. What it says is readable; only this server can write one: it is signed (HMAC, SHA-256)
 * with a key that lies beside the data, so that tokens outlive a restart.
 */
export class Tokens {
  #key

  /** @param {Buffer} key */
  constructor(key) {
    this.#key = key
  }

  /**
   * Opens the key in `folder`, or makes one that only this user may read.
   * @param {string} folder
   */
  static async open(folder) {
    const file = join(folder, 'sign-in.key')
    // Written once: a second program finds the first one's.
    await writeFile(file, randomBytes(32), { mode: 0o600, flag: 'wx' }).catch((error) => {
      if (error?.code !== 'EEXIST') throw error
    })
    return new Tokens(await readFile(file))
  }

  /**
   * Returns a token for somebody, and until when it is good, in milliseconds since the epoch.
   * @param {string} id
   * @param {number} [duration] How long it is good for, in milliseconds.
   */
  sign(id, duration = lifetime) {
    const expires = Date.now() + duration
    const content = Buffer.from(JSON.stringify({ id, expires })).toString('base64url')
    return { token: `${content}.${this.#sign(content)}`, expires }
  }

  /**
   * Returns who has a token that this server has signed; undefined for anything else.
   * @param {string | null | undefined} authorization The value of the header: `Bearer ` and the token.
   * @returns {Principal | undefined}
   */
  verify(authorization) {
    if (typeof authorization !== 'string' || authorization.length > longest) return undefined
    const [, content = '', given = ''] = /^Bearer ([\w-]+)\.([\w-]{43})$/.exec(authorization) ?? []
    // Compared as text: the last letter has bits that decoding ignores.
    const signature = Buffer.from(given)
    const expected = Buffer.from(this.#sign(content))
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return undefined
    // Signed: this server has written it.
    const { id, expires } = JSON.parse(Buffer.from(content, 'base64url').toString())
    return Date.now() < expires ? { id } : undefined
  }

  /** @param {string} content */
  #sign(content) {
    return createHmac('sha256', this.#key).update(content).digest('base64url')
  }
}

/**
 * Returns the commands by which pages sign in: `POST /sign-in/ada` answers with a token of Ada's. There are no passwords here:
 * whoever uses this machine is whom they say. Put your own sign-in in place of it, and nothing else changes.
 * @param {() => Tokens | undefined} tokens
 * @param {readonly Principal[]} people
 */
export function signInCommands(tokens, people) {
  return Object.fromEntries(people.map(({ id }) => [`/sign-in/${id}`, async () => tokens()?.sign(id) ?? {}]))
}
