/** How the process ends. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** It failed, or `check`, `doctor` or `diff --exit-code` found what they look for. */
  failed: 1,
  /** The command line, or what was given to it, cannot be used; nothing was sent. */
  usage: 2,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const
