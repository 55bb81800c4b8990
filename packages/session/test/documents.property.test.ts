import { eventually } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDocument } from '../src/yjs/index.ts'
import { startDocumentServer } from './support/documents.ts'

const edit = fc.record({
  who: fc.nat(1),
  at: fc.nat(20),
  text: fc.string({ maxLength: 3 }),
  remove: fc.nat(2),
})

test('[A67] two devices that edit at once, one of them before it is connected, end with the same text', async () => {
  const server = await startDocumentServer()
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), fc.nat(12), async (edits, late) => {
      const id = `run-${++runs}`
      const documents = [
        openDocument({ url: server.url, id }),
        openDocument({ url: server.url, id }),
      ] as const
      const texts = documents.map(({ doc }) => doc.getText('body'))
      try {
        if (late > 6) await documents[0].saved()
        for (const { who, at, text, remove } of edits) {
          const body = texts[who]
          if (body === undefined) continue
          const index = Math.min(at, body.length)
          body.delete(index, Math.min(remove, body.length - index))
          body.insert(index, text)
        }
        await Promise.all(documents.map((document) => document.saved()))
        await eventually(() => expect(texts[0]?.toString()).toBe(texts[1]?.toString()))
        const third = openDocument({ url: server.url, id })
        await third.saved()
        expect(third.doc.getText('body').toString()).toBe(texts[0]?.toString())
        third.close()
      } finally {
        for (const document of documents) document.close()
      }
    }),
    { numRuns: 15 },
  )
})
