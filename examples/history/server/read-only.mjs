/**
 * Lets readers through and nobody else: the log says what git says, and no page may write to it.
 * @param {import('node:http').IncomingMessage} request
 */
export function readOnly({ method }) {
  if (method === 'GET' || method === 'HEAD') return undefined
  return { status: 405, text: 'This log is read only.', headers: { allow: 'GET, HEAD' } }
}
