import type { UIMessage } from 'ai'
import { isOver } from '../run-states.ts'
import type { Run } from '../rows.ts'
import { waitsForChat } from './chat-stream.ts'
import type { SessionTransport } from './session-transport.ts'

/** A chat of the toolkit: `Chat` of `@ai-sdk/react`, or of any other framework. */
export interface FollowedChat<Message extends UIMessage = UIMessage> {
  readonly status: 'submitted' | 'streaming' | 'ready' | 'error'
  messages: Message[]
  resumeStream(): Promise<void>
}

/** How soon a chat is looked at again that has not noticed yet that its stream ended, in milliseconds. */
const recheck = 20

/**
 * Keeps a chat up with its session: it shows what others write and decide, and joins runs that it did not begin, also such as
 * are written anew by another process. Returns what ends it; the runs go on then.
 *
 * @example
 * ```ts
 * const [chat] = useState(() => new Chat({ transport, messages: transport.messages() }))
 * useEffect(() => followChat(chat, transport), [chat, transport])
 * const { messages, status } = useChat({ chat })
 * ```
 */
export function followChat<Message extends UIMessage>(
  chat: FollowedChat<Message>,
  transport: SessionTransport<Message>,
): () => void {
  const { session } = transport
  /** By run, how it was when it was resumed: it is not resumed again until something has changed. */
  const resumed = new Map<string, string>()
  /** By the session's message, the chat's that says the same. */
  const same = new WeakMap<Message, Message>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  const later = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      follow()
    }, ms)
  }

  function follow(): void {
    if (isStopped || session.status.name === 'closed') return
    show()
    const runs = activeRuns().filter((run) => resumed.get(run.id) !== stateOf(run))
    if (runs.length === 0) return
    if (chat.status === 'submitted' || chat.status === 'streaming') {
      // It streams some of them, or its stream has just ended.
      if (transport.streaming.size === 0) later(recheck)
      return
    }
    for (const run of runs) resumed.set(run.id, stateOf(run))
    void chat.resumeStream().then(() => later(0))
  }

  /** Shows the messages of the session. What is being streamed is the chat's. */
  function show(): void {
    const { streaming } = transport
    const isIdle = chat.status === 'ready' || chat.status === 'error'
    const own = new Map(chat.messages.map((message) => [message.id, message]))
    const shown = transport.messages().flatMap((message): Message[] => {
      const known = own.get(message.id)
      if (!streaming.has(message.id) && (isIdle || known === undefined)) return [message]
      return known === undefined ? [] : [known]
    })
    const ids = new Set(shown.map(({ id }) => id))
    // What the session has refused, or not heard of yet, stays where it is.
    const rest = chat.messages.filter(
      ({ id, role }) => !ids.has(id) && role === 'user' && session.message(id) === undefined,
    )
    // What says the same stays the same object: nothing of it is rendered anew.
    const next = [...shown, ...rest].map((message) => {
      const known = own.get(message.id)
      return known !== undefined && isSame(known, message) ? known : message
    })
    const { messages } = chat
    if (next.length !== messages.length || next.some((message, index) => message !== messages[index]))
      chat.messages = next
  }

  function isSame(known: Message, message: Message): boolean {
    if (known === message || same.get(message) === known) return true
    if (JSON.stringify(known) !== JSON.stringify(message)) return false
    same.set(message, known)
    return true
  }

  function activeRuns(): Run[] {
    return session
      .thread({ branch: transport.branch })
      .map(({ message }) => (message.run === undefined ? undefined : session.run(message.run)))
      .filter((run) => run !== undefined)
      .filter((run) => !isOver(run) && run.status !== 'interrupted' && !waitsForChat(run, session))
  }

  const stop = session.db.observe({ onChanges: () => later(0), onWrite: () => later(0) })
  const unsubscribe = transport.subscribe(() => later(0))
  later(0)
  return () => {
    isStopped = true
    clearTimeout(timer)
    stop()
    unsubscribe()
  }
}

function stateOf({ attempt, epoch, status }: Run): string {
  return `${attempt} ${epoch} ${status}`
}
