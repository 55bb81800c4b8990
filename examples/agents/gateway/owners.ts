/** Who has made which session: listed it, or forked it, before anybody else could know of it. */
export class Owners {
  readonly #owners = new Map<string, string>()

  /** Takes note of who has made a session, unless that is known. */
  note(session: string, user: string): void {
    if (!this.#owners.has(session)) this.#owners.set(session, user)
  }

  /** Whether somebody has made a session, or may as nobody has. */
  mayOwn(session: string, user: string): boolean {
    return (this.#owners.get(session) ?? user) === user
  }
}
