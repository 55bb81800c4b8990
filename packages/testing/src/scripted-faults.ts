/** What goes wrong with a request of a scripted stream. */
export type ScriptedFault =
  /** It is answered with this status. `body` is text as it is, or JSON. */
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>> | undefined
      readonly body?: unknown
      /** How many requests in a row: 1 unless told. */
      readonly times?: number | undefined
    }
  /** The server cannot be reached: `fetch` rejects. */
  | { readonly unreachable: true; readonly times?: number | undefined }
  /** The response breaks off behind these events, in the middle of its JSON: the reader may use none of it, or some. */
  | { readonly cut: readonly unknown[] }

/** Answers as a fault says, or rejects as `fetch` does. */
export function failWith(fault: ScriptedFault): Response {
  if ('unreachable' in fault) throw new TypeError('fetch failed: the scripted stream is unreachable')
  if ('cut' in fault) {
    const begun = new TextEncoder().encode(`[${fault.cut.map((item) => `${JSON.stringify(item)},`).join('')}`)
    let isSent = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (isSent) return controller.error(new TypeError('terminated: the scripted response broke off'))
        isSent = true
        controller.enqueue(begun)
      },
    })
    return new Response(body, { headers: { 'content-type': 'application/json' } })
  }
  const { status, headers, body } = fault
  const text = typeof body === 'string' || body === undefined ? (body ?? '') : JSON.stringify(body)
  const json = typeof body === 'object' ? { 'content-type': 'application/json' } : {}
  return new Response(text, { status, headers: { ...json, ...headers } })
}

/** Returns a fault as often as it strikes. */
export function strikesOf(fault: ScriptedFault): ScriptedFault[] {
  const times = 'times' in fault ? (fault.times ?? 1) : 1
  return Array.from({ length: times }, () => fault)
}
