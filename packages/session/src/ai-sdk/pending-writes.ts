/** Writes that are not waited for one by one: what the first of them fails with is told later. */
export class PendingWrites {
  #writes: Promise<unknown>[] = []
  #failure: { readonly error: unknown } | undefined

  /** Takes a write that has begun. */
  add(write: Promise<unknown>): void {
    const noted = write.catch((error: unknown) => {
      this.#failure ??= { error }
    })
    this.#writes.push(noted)
    // A long stream is not to keep them all.
    if (this.#writes.length > 500) this.#writes = [Promise.all(this.#writes.splice(0))]
  }

  /** Throws what a write has failed with. */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Resolves when all of them are stored; rejects with what a write has failed with. */
  async settled(): Promise<void> {
    while (this.#writes.length > 0) await Promise.all(this.#writes.splice(0))
    this.throwFailure()
  }
}
