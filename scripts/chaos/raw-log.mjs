// Plain HTTP on a stream, without any code of the product: what the verdict rests upon.

/**
 * @param {string} url
 * @param {RequestInit} init
 * @param {number} timeout
 */
export async function request(url, init, timeout) {
  const signal = AbortSignal.timeout(timeout)
  const response = await fetch(url, { ...init, signal })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}

/**
 * Creates a stream, again and again until the server has it.
 * @param {string} url
 */
export async function createStream(url) {
  for (let tries = 0; ; tries++) {
    try {
      const { status } = await request(
        url,
        { method: 'PUT', headers: { 'content-type': 'application/json' } },
        5_000,
      )
      if (status < 300 || status === 409) return
      if (tries > 100) throw new Error(`PUT ${url} answers ${status}`)
    } catch (error) {
      if (tries > 100) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/**
 * Reads events from an offset on: an array of JSON, or a line each. A page may end inside a line: `rest` goes before the next.
 * @param {string} url
 * @param {string} offset
 * @param {number} timeout
 * @param {string} rest
 */
export async function readPage(url, offset, timeout, rest = '') {
  const { status, headers, text } = await request(`${url}?offset=${encodeURIComponent(offset)}`, {}, timeout)
  if (status !== 200) throw new Error(`GET ${url} answers ${status}: ${text.slice(0, 200)}`)
  const next = headers.get('stream-next-offset') ?? offset
  const isUpToDate = headers.get('stream-up-to-date') === 'true'
  if (!/ndjson/.test(headers.get('content-type') ?? '')) {
    return { events: text === '' ? [] : JSON.parse(text), next, isUpToDate, rest: '' }
  }
  const lines = (rest + text).split('\n')
  const last = lines.pop() ?? ''
  return { events: lines.filter(Boolean).map((line) => JSON.parse(line)), next, isUpToDate, rest: last }
}

/**
 * Reads the whole log, in its order.
 * @param {string} url
 */
export async function readLog(url) {
  const events = []
  let offset = '-1'
  let rest = ''
  for (let idle = 0; idle < 200;) {
    const page = await readPage(url, offset, 30_000, rest)
    events.push(...page.events)
    idle = page.next === offset ? idle + 1 : 0
    ;({ next: offset, rest } = page)
    if (page.isUpToDate && rest === '') return events
    if (idle > 0) await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} does not say where the log ends`)
}
