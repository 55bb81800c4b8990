/**
 * What a request asks for.
 * @typedef {{ readonly path: string, readonly query: URLSearchParams }} Target
 */

/** Every address of these servers consists of such segments. None needs an escape, so an escape only hides something. */
const validPath = /^\/(?:[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*)?$/

/**
 * Parses the target of a request line once, for every later comparison; undefined for anything but a plain path.
 *
 * Refuses what two parsers could read differently: `//host/path`, absolute form (`http://host/path`), `*`, dot segments,
 * backslashes, escapes, empty segments. Nothing is normalised: a refused target is never compared or passed on.
 * @param {string | undefined} target
 * @returns {Target | undefined}
 */
export function parseTarget(target = '') {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  if (!validPath.test(path)) return undefined
  return { path, query: new URLSearchParams(mark === -1 ? '' : target.slice(mark)) }
}
