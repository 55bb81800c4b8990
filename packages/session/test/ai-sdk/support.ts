import type { Session } from '../../src/index.ts'
import type { AgentOptions } from '../../src/index.ts'
import { newSessionUrl, open } from '../support/sessions.ts'

/** A person's session, and an agent in another process's place, on one stream. */
export async function openWith(handle: AgentOptions['handle'], options: Partial<AgentOptions> = {}) {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const host = await open(url, 'host', { presence: { leaseTtl: 1_000 } })
  const agent = host.agent({ name: 'bot', retryDelay: 1, ...options, handle })
  await agent.ready
  return { url, ada, host, agent }
}

/** Returns a stream that the test writes. */
export function pushStream<Item>() {
  let controller: ReadableStreamDefaultController<Item> | undefined
  let isCancelled = false
  const stream = new ReadableStream<Item>({
    start(given) {
      controller = given
    },
    cancel() {
      isCancelled = true
    },
  })
  return {
    stream,
    push: (...items: readonly Item[]) => {
      for (const item of items) controller?.enqueue(item)
    },
    close: () => controller?.close(),
    fail: (error: Error) => controller?.error(error),
    get isCancelled() {
      return isCancelled
    },
  }
}

export function streamOf<Item>(items: readonly Item[]): ReadableStream<Item> {
  return new ReadableStream<Item>({
    start(controller) {
      for (const item of items) controller.enqueue(item)
      controller.close()
    },
  })
}

export async function read<Item>(stream: ReadableStream<Item>): Promise<Item[]> {
  const items: Item[] = []
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return items
    items.push(value)
  }
}

export function statuses(session: Session): string[] {
  return [...session.collections.runs.values()].map(({ status }) => status).sort()
}
