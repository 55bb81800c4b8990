import { InspectorModel } from '../model/inspector-model.ts'
import { parseLog } from '../model/log-file.ts'
import type { InspectorSource } from './source.ts'

/** Shows a log from a file: NDJSON, or a JSON array. A line that is no JSON is among the invalid events. */
export function fileSource(name: string, text: string): InspectorSource {
  const model = new InspectorModel()
  const { items, unreadable } = parseLog(text)
  model.addUnchecked({ items, offset: '' })
  for (const line of unreadable) {
    const expected = 'a line of JSON'
    const received = 'one that cannot be parsed'
    const issue = { code: 'not-an-event', path: '', expected, received, event: undefined } as const
    model.noteInvalid(issue, `Line ${line} of ${name} is no JSON`, '')
  }
  model.connection.note({ name: 'ended', detail: `read from ${name}` }, model.now())
  return { kind: 'file', model, name, close: () => undefined }
}
