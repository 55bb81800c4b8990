/** Returns the anchor of a heading as GitHub makes it, so that a link works there and on the site. */
export function slug(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replace(/ /g, '-')
}
