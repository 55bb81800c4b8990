/** What `refuse` of a server action throws: why nothing is written. */
export class ServerActionError extends Error {
  override readonly name = 'ServerActionError'
  readonly code: string
  /** A JSON Pointer into the parameters or the row. */
  readonly path: string | undefined

  constructor(code: string, message: string, path?: string) {
    super(message)
    this.code = code
    this.path = path
  }
}
