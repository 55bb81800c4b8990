// An agent in a process of its own: counts slowly, after a step that says which process ran it; asks before where it is told to.
// SKEW: by how many milliseconds its clock is wrong. ASK: for how long its question waits.
import { openSession } from '../../src/index.ts'

const { SKEW = '0', ASK } = process.env
const now = Date.now
Date.now = () => now() + Number(SKEW)

const [url = '', name = '', count = '100'] = process.argv.slice(2)
const session = openSession({ url, me: { id: name }, presence: { leaseTtl: 2_000 } })

const agent = session.agent({
  name: 'counter',
  handle: async (run) => {
    const first = await run.step('who', () => name)
    if (ASK !== undefined) await run.ask({ question: 'Sure?', expiresIn: Number(ASK) })
    await run.text(numbers(Number(count)))
    await run.text(` begun by ${first}, ended by ${name} in attempt ${run.attempt}`)
  },
})

async function* numbers(end: number) {
  for (let number = 1; number <= end; number++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    yield `${number} `
  }
}

process.on('SIGTERM', () => {
  void agent.stop().then(() => {
    session.close()
    process.exit(0)
  })
})

await agent.ready
process.stdout.write('ready\n')
