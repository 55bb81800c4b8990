/** What the server answers to who signs in. */
interface SignedIn {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expires: number
}

/** A token is renewed so many milliseconds before it is no longer good. */
const margin = 60_000

/**
 * Whose page this is, as the server knows it: signs in when a request first needs a token, and again when the server does not
 * accept it any more. The token is in this page's memory alone.
 */
export class Identity {
  readonly id: string
  readonly #fetch: typeof globalThis.fetch
  #signingIn: Promise<SignedIn> | undefined

  /** `fetch`: sends the request to sign in. */
  constructor(id: string, fetch: typeof globalThis.fetch) {
    this.id = id
    this.#fetch = fetch
  }

  /** Returns the value of the header `Authorization`; rejects when the server does not answer. */
  readonly authorization = async (): Promise<string> => {
    const { token, expires } = await (this.#signingIn ??= this.#signIn())
    if (Date.now() < expires - margin) return `Bearer ${token}`
    this.forget()
    return this.authorization()
  }

  /** Signs in again for the next request. */
  forget(): void {
    this.#signingIn = undefined
  }

  async #signIn(): Promise<SignedIn> {
    try {
      const response = await this.#fetch(`/sign-in/${this.id}`, { method: 'POST' })
      if (!response.ok) throw new Error(`The server answered ${response.status} to signing in`)
      return toSignedIn(await response.json())
    } catch (error) {
      this.forget()
      throw error
    }
  }
}

function toSignedIn(answer: unknown): SignedIn {
  const { token, expires } = Object(answer) as Partial<Record<keyof SignedIn, unknown>> // the server's answer, whatever it is
  if (typeof token === 'string' && typeof expires === 'number') return { token, expires }
  throw new Error('The server’s answer to signing in has no token')
}
