import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

/**
 * Runs `work`, and writes a processor profile of it alone to `file`; without one it just runs it.
 * @template Result
 * @param {string | undefined} file
 * @param {() => Promise<Result>} work
 */
export async function profiled(file, work) {
  if (file === undefined) return work()
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  const result = await work()
  const { profile } = await session.post('Profiler.stop')
  writeFileSync(file, JSON.stringify(profile))
  return result
}
