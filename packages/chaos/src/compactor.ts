import { createCompactor } from '@streamdb/server'
import { optionsOf, order, report, save } from './orders.ts'

// One compactor: a snapshot of the log every few seconds.

const { url, every, out } = optionsOf<{
  readonly url: string
  readonly every: number
  readonly out: string
}>()
const written: number[] = []
const errors: string[] = []

const compactor = createCompactor({
  source: url,
  every,
  minEvents: 100,
  onCompact: ({ type }) => void (type === 'written' && written.push(Date.now())),
  onError: (error) => void errors.push(`${Date.now()} ${error.code}: ${error.message}`),
})
report('ready')
await order('stop')
// The last one, of a healthy server.
await compactor.run().catch((error: unknown) => errors.push(`at the end: ${String(error)}`))
await compactor.close()
report('stopped')
await order('finish')
save(out, { written, errors })
report('finished')
process.disconnect()
