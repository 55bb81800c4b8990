import { ChatClient } from '@tanstack/ai-client'
import type { ChatClientOptions, SubscribeConnectionAdapter } from '@tanstack/ai-client'
import type { AnyClientTool, UIMessage } from '@tanstack/ai/client'
import { onTestFinished } from 'vitest'
import type { AgentOptions, Session } from '../../src/index.ts'
import { sessionConnection } from '../../src/tanstack-ai/index.ts'
import type { SessionConnectionOptions } from '../../src/tanstack-ai/index.ts'
import { newSessionUrl, open } from '../support/sessions.ts'

/** Opens a session with an agent. */
export async function openWith(handle: AgentOptions['handle'], options: Partial<AgentOptions> = {}) {
  const url = await newSessionUrl()
  const host = await open(url, 'host', { presence: { leaseTtl: 1_000 } })
  const agent = host.agent({ name: 'bot', retryDelay: 1, ...options, handle })
  await agent.ready
  return { url, host, agent }
}

interface ClientOptions extends Pick<ChatClientOptions, 'onChunk' | 'onError'> {
  readonly tools?: readonly AnyClientTool[]
  /** How many messages the client loads at first. */
  readonly pageSize?: number
  readonly connection?: SessionConnectionOptions
  /** Without it the client subscribes when it sends. */
  readonly live?: boolean
}

/** The toolkit's client on a session, as its hook drives it. */
export function clientOf(
  session: Session,
  { pageSize, connection: options, live = true, ...rest }: ClientOptions = {},
) {
  const connection: SubscribeConnectionAdapter = sessionConnection(session, options)
  const client = new ChatClient({
    ...{ connection, threadId: 't', persistence: true },
    ...(pageSize === undefined ? {} : { history: { pageSize } }),
    ...rest,
  })
  if (live) client.subscribe()
  client.attach()
  onTestFinished(() => client.dispose())
  return client
}

/** What a client shows: a line a message. */
export function said(client: { getMessages(): readonly Pick<UIMessage, 'role' | 'parts'>[] }): string[] {
  return client.getMessages().map(({ role, parts }) => {
    const shown = parts.map((part) =>
      part.type === 'text' || part.type === 'thinking' ? part.content : part.type,
    )
    return `${role}: ${shown.join('|')}`
  })
}
