/** The page of its own, as one document. */
export interface PageDocument {
  readonly html: string
  /** What the `content-security-policy` lets run: the hashes of the scripts in it. */
  readonly scriptHashes: readonly string[]
}

/**
 * Returns the page. The published package has another file in the place of this one, with the built page in it; in the
 * workspace it is built here, once in a process, in about a second.
 */
export async function pageDocument(): Promise<PageDocument> {
  building ??= import('../../build-page.mjs').then(async ({ buildPage }) => buildPage())
  return building
}

let building: Promise<PageDocument> | undefined
