// Bundlers replace the expression `process.env.NODE_ENV`, also where there is no `process`: it is written out below.
declare const process: { readonly env: { readonly NODE_ENV?: string | undefined } }

/** Returns whether this is a development build; false if neither a bundler nor the runtime defines it. */
export function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production'
  } catch {
    return false
  }
}

/** Prints a warning for the developer of the application; nothing in production. */
export function warnInDevelopment(message: string): void {
  // oxlint-disable-next-line no-console -- a mistake in the application's code, which no handler of it would look for
  if (isDevelopment()) console.warn(`[StreamDB] ${message}`)
}
