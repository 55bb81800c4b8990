import { randomId } from '@streamdb/log'
import type { StreamLocation } from '../stream-client.ts'
import { capabilityNames } from './capability.ts'
import type { Capabilities, Capability, Finding } from './capability.ts'
import { createProbeClient } from './probe-client.ts'
import { probes } from './probes.ts'

/** The stream beside which a server is tried, and how it is reached. */
export interface FindCapabilitiesOptions extends StreamLocation {
  /** Ends the requests: `findCapabilities` rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Finds out what a stream server can do, by asking it: streams are created beside `url` (which need not exist itself), tried
 * in about fifty requests, and deleted.
 *
 * Rejects with `unauthorized` or `write-failed` where no stream may be created there, with `unreachable` where the server
 * does not answer, and with the signal's reason.
 *
 * @example
 * ```ts
 * const { forks } = await findCapabilities({ url })
 * if (!forks.supported) report(`No branches here: ${forks.detail}`)
 * ```
 */
export async function findCapabilities(options: FindCapabilitiesOptions): Promise<Capabilities> {
  const { signal = new AbortController().signal, ...location } = options
  const client = createProbeClient(location, `streamdb-probe-${randomId().slice(0, 8)}`, signal)
  const found = new Map<Capability, Finding>()
  try {
    for (const name of capabilityNames) found.set(name, await probes[name](client))
  } finally {
    await client.remove()
  }
  // Every name has been asked for.
  return Object.fromEntries(found) as unknown as Capabilities
}
