/** Builds the page in memory. */
export function buildPage(): Promise<{ readonly html: string; readonly scriptHashes: readonly string[] }>
