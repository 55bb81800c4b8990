import { Chat } from '@ai-sdk/react'
import { eventually } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sessionTransport, toUIMessages, writeUIMessageStream } from '../../src/ai-sdk/index.ts'
import type { Chunk } from '../../src/ai-sdk/chunk.ts'
import { arbitraryStream } from './arbitrary-chunks.ts'
import { openWith, pushStream } from './support.ts'

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

test('[A61] a chat that is reloaded at any place of an answer, and one that goes away and comes back, end as all others', async () => {
  const models: ReturnType<typeof pushStream<Chunk>>[] = []
  const { ada } = await openWith((run) => {
    const model = pushStream<Chunk>()
    models.push(model)
    return writeUIMessageStream(run, model.stream)
  })
  const stream = arbitraryStream().filter((chunks) => chunks.every(({ type }) => type !== 'error'))
  await fc.assert(
    fc.asyncProperty(
      stream,
      fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 4 }),
      async (chunks, places) => {
        const round = models.length
        const { id } = await ada.send('Go')
        await eventually(() => expect(models).toHaveLength(round + 1))
        const message = `bot.${id}`
        const chats: { readonly chat: Chat<never>; resumed: Promise<void> }[] = []
        for (const [index, chunk] of chunks.entries()) {
          models[round]?.push(chunk)
          // As soon as the log has something, and some time later.
          if (index % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
          for (const place of places) {
            if (place % chunks.length !== index) continue
            const transport = sessionTransport<never>(ada)
            const chat = new Chat<never>({ transport, messages: transport.messages() })
            const entry = { chat, resumed: chat.resumeStream() }
            if (place % 2 === 0) entry.resumed = chat.stop().then(() => chat.resumeStream())
            chats.push(entry)
          }
        }
        // The toolkit shows a step's beginning with what comes next.
        models[round]?.push({ type: 'message-metadata', messageMetadata: { last: true } })
        models[round]?.close()
        await Promise.all(chats.map(({ resumed }) => resumed))
        await eventually(() => expect(ada.run(message)?.status).toBe('done'))
        const expected = plain(toUIMessages(ada).find((each) => each.id === message))
        for (const { chat } of chats) {
          const messages = chat.messages as { id: string }[]
          expect(messages.filter((each) => each.id === message).length).toBe(1)
          expect(withoutInputs(plain(messages.find((each) => each.id === message)))).toEqual(
            withoutInputs(expected),
          )
        }
      },
    ),
    { numRuns: 8, endOnFailure: true },
  )
})

/** What is parsed of an input that streams is in the chat alone. */
function withoutInputs(message: unknown): unknown {
  const { parts, ...rest } = message as { parts: { state?: string; input?: unknown }[] }
  return {
    ...rest,
    parts: parts.map(({ input, ...part }) => (part.state === 'input-streaming' ? part : { ...part, input })),
  }
}
