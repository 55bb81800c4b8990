/** Returns the line that a key goes to, of `count` lines; nothing where the key goes nowhere. */
export function lineAfterKey(
  key: string,
  { active, count, page }: { readonly active: number; readonly count: number; readonly page: number },
): number | undefined {
  if (count === 0) return undefined
  const clamp = (index: number): number => Math.max(0, Math.min(count - 1, index))
  switch (key) {
    case 'ArrowDown':
      return clamp(active + 1)
    case 'ArrowUp':
      return clamp(active < 0 ? count - 1 : active - 1)
    case 'PageDown':
      return clamp(active + page)
    case 'PageUp':
      return clamp(active - page)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
