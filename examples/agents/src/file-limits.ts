import type { FileLimits } from './description.ts'

/** Says why a file cannot be attached; undefined where it can. */
export function refusalOf(
  { name, type, size }: Pick<File, 'name' | 'type' | 'size'>,
  limits: FileLimits,
): string | undefined {
  if (!limits.types.includes(type)) return `${name} is neither a picture nor a plain text.`
  if (size > limits.maxBytes) {
    const megabytes = Math.floor(limits.maxBytes / 1024 / 1024)
    return `${name} is too large: at most ${megabytes} MB can be attached.`
  }
  return undefined
}
