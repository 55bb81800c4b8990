/** Which files can be attached to a message. The server enforces it, and pages read it in `/chat.json`. */
export const files = {
  /** Pictures that browsers show and that cannot contain scripts: no SVG. */
  types: ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'],
  maxBytes: 8 * 1024 * 1024,
}
