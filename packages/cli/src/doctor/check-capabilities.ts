import { capabilityNames, findCapabilities } from '@streamdb/server'
import type { Diagnosis, Patient } from './diagnosis.ts'

const check = 'capabilities'

/** Lists what the server can do, and what it cannot: streams are made beside the one that is looked at. */
export async function checkCapabilities({ location, signal }: Patient): Promise<Diagnosis> {
  try {
    const found = await findCapabilities({ ...location, signal })
    const can = capabilityNames.filter((name) => found[name].supported)
    const cannot = capabilityNames.filter((name) => !found[name].supported)
    const without = cannot.map((name) => `${name} (${found[name].detail})`).join(', ')
    const message = `the server has ${can.join(', ')}${without === '' ? '' : `; it has no ${without}`}`
    return { check, verdict: 'ok', message }
  } catch (error) {
    signal.throwIfAborted()
    return { check, verdict: 'skipped', message: `no stream can be made beside it: ${String(error)}` }
  }
}
