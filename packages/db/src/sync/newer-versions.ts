import { warnInDevelopment } from '../development.ts'

/**
 * Notes that the log holds events of a newer version of the application: they are read as they are (SPEC V5), and
 * the user may reload the page.
 */
export class NewerVersions {
  readonly #own: number
  #newest: number | undefined

  constructor(own: number) {
    this.#own = own
  }

  /** The newest version that an event was written for, where it is newer than the application's own. */
  get newest(): number | undefined {
    return this.#newest
  }

  note(version: number): void {
    if (version <= (this.#newest ?? this.#own)) return
    if (this.#newest === undefined) {
      warnInDevelopment(
        `The log holds events of version ${version}, and this database has version ${this.#own}: they are read as they ` +
          `are, and \`db.issues.newerVersion\` says so. A newer application writes them.`,
      )
    }
    this.#newest = version
  }
}
