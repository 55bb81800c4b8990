import type { Fault, FaultRule } from './fault.ts'
import type { FaultProxy } from './fault-proxy.ts'

/**
 * What goes wrong between a client and the server. A fault strikes the next request, once, unless its rule says which
 * requests and how many: `{ of: 'writes', times: 2 }`, `{ match: /live=/, times: Infinity }`. Each returns a function that
 * takes back what has not struck yet.
 */
export interface Faults {
  /** Refuses connections, and cuts those that are open, until `online()`. */
  offline(): Promise<void>
  /** Takes connections again, and forgets all faults that have not struck. */
  online(): Promise<void>
  /** Cuts every connection that is open now, a live read in mid stream too; returns how many there were. */
  cut(): number
  /** Lets every connection that is open now fall silent for ever, without closing it: a half-dead network. */
  freeze(): void
  /** Holds the response back, for `ms` milliseconds of real time. */
  delay(ms: number, rule?: FaultRule): () => void
  /** Answers with this HTTP status in the server's place, which does not see the request. */
  status(status: number, rule?: StatusRule): () => void
  /** Hands the request to the server twice, as a proxy that tries again does; the client gets the second response. */
  duplicate(rule?: FaultRule): () => void
  /** Answers a read with an older response again, as a stale cache does. */
  replay(rule?: FaultRule): () => void
  /** Loses the answer: the server has handled the request, and the client gets no response. */
  loseAnswer(rule?: FaultRule): () => void
  /** Any other fault: a response that breaks off after some bytes, drips, or never comes. */
  add(fault: Fault, rule?: FaultRule): () => void
}

/** Which requests an answer in the server's place strikes, and what else it says. */
export interface StatusRule extends FaultRule {
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The body: text as it is, anything else as JSON. */
  readonly body?: unknown
}

/** Returns the faults of a proxy, by the names of what goes wrong. */
export function faultsOf(proxy: FaultProxy): Faults {
  return {
    offline: () => proxy.refuse(),
    online: () => proxy.heal(),
    cut: () => proxy.cut('rst'),
    freeze: () => proxy.freeze(),
    delay: (ms, rule) => proxy.fault({ kind: 'delay', ms }, rule),
    status: (status, { headers, body, ...rule } = {}) => {
      const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
      const json = text === body ? {} : { 'content-type': 'application/json' }
      return proxy.fault({ kind: 'answer', status, headers: { ...json, ...headers }, body: text }, rule)
    },
    duplicate: (rule) => proxy.fault({ kind: 'duplicate' }, rule),
    replay: (rule) => proxy.fault({ kind: 'replay' }, { of: 'reads', ...rule }),
    loseAnswer: (rule) => proxy.fault({ kind: 'cut', after: 'nothing', by: 'rst' }, rule),
    add: (fault, rule) => proxy.fault(fault, rule),
  }
}
