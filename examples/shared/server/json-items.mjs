/**
 * Returns the items of an answer to a read of a JSON stream: most servers answer with one array, others with a line each
 * (`application/x-ndjson`).
 * @param {object} answer
 * @param {import('node:http').IncomingHttpHeaders} answer.headers
 * @param {Buffer} answer.body
 * @returns {unknown[]}
 */
export function jsonItems({ headers, body }) {
  const text = body.toString('utf8')
  if (!headers['content-type']?.startsWith('application/x-ndjson')) return JSON.parse(text || '[]')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line))
}
