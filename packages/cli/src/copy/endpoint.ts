import { resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import { locate } from '../options.ts'
import type { CommonOptions, Location } from '../options.ts'

/** What is copied, or where to. */
export type Endpoint =
  | { readonly type: 'stream'; readonly location: Location }
  | { readonly type: 'file'; readonly path: string }
  /** The standard input, or output. */
  | { readonly type: 'standard' }

/** Reads an end of a copy: a URL is a stream, `-` the standard input or output, all else a file. */
export function toEndpoint(given: string, options: CommonOptions): Endpoint {
  if (given === '-') return { type: 'standard' }
  if (given === '') throw new CliError('usage', 'Expected a URL or a file but received nothing')
  if (/^https?:\/\//i.test(given)) return { type: 'stream', location: locate(given, options) }
  return { type: 'file', path: resolve(given) }
}

/** Names an end: the same for the same stream or file. */
export function nameOf(endpoint: Endpoint): string {
  switch (endpoint.type) {
    case 'stream':
      return endpoint.location.url
    case 'file':
      return endpoint.path
    case 'standard':
      return '-'
  }
}
