/** Which files can be attached to a message. The server enforces it, and pages read it in `/agents.json`. */
export const files = {
  /** Pictures that browsers show and that cannot contain scripts, and plain text. */
  types: ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'text/plain'],
  maxBytes: 4 * 1024 * 1024,
}
