// @ts-check
import { nameOf, numberOf, parseArgs, UsageError } from '../command-line.mjs'
import { engineNames } from '../engines/catalog.mjs'
import { schedule } from './schedule.mjs'

export const usage = `npm run chaos -- MINUTES SEED [--engine NAME] [--untimed] [--keep]

  MINUTES    how long, 1 unless told; parts of one too (0.2)
  SEED       which schedule of faults, a whole number, 1 unless told
  --engine   ${engineNames.join(', ')}: ursula-cluster unless told
  --untimed  no rule is about times: the machine is busy with something else
  --keep     leaves what every client saw, and the logs of the servers

Ends with 0 where all rules held, and with 1 where one was broken. See docs/chaos.md.`

/**
 * Reads what is to be run. Throws a `UsageError`, or what `parseArgs` throws, for what cannot be.
 * @param {readonly string[]} argv
 */
export function readChaosOptions(argv) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'ursula-cluster' },
      keep: { type: 'boolean', default: false },
      untimed: { type: 'boolean', default: false },
    },
  })
  const [minutesText = '1', seedText = '1', ...others] = positionals
  if (others.length > 0)
    throw new UsageError(`Expected MINUTES and SEED, but received ${others.join(' ')} too`)
  const engine = nameOf('--engine', values.engine, engineNames)
  const minutes = numberOf('MINUTES', minutesText)
  const seed = numberOf('SEED', seedText, { isWhole: true })
  const steps = schedule({ seed, duration: minutes * 60_000, isCluster: engine === 'ursula-cluster' })
  if (steps.length === 0)
    throw new UsageError(
      `MINUTES: no fault fits into ${minutes} on ${engine}, so that nothing would be shown`,
    )
  return { minutes, seed, engine, keep: values.keep, untimed: values.untimed }
}
