/** What can be attached to a message; the server holds pages to it, and tells them in `/chat.json`. */
export const files = {
  /** Pictures that browsers show and that cannot contain scripts: no SVG. */
  types: ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'],
  maxBytes: 8 * 1024 * 1024,
}
