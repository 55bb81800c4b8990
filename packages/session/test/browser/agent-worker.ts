// An agent in a web worker of a page: it joins the session whose URL it is sent.
import { openSession } from '../../src/index.ts'

globalThis.addEventListener('message', (event) => {
  void join(String((event as MessageEvent<unknown>).data)) // the page sends the URL
})

async function join(url: string): Promise<void> {
  const session = openSession({ url, me: { id: 'worker', kind: 'agent' } })
  const agent = session.agent({
    name: 'helper',
    triggers: ['mention'],
    handle: (run) => run.text(`Here there ${typeof document === 'undefined' ? 'is no' : 'is a'} document`),
  })
  await agent.ready
}
