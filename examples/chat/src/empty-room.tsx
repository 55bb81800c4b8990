import { Notice } from '@streamdb/example-shared/page'
import { useRoom } from './chat-context.ts'

/** Says that nobody has said anything. */
export function EmptyRoom() {
  const { name } = useRoom()
  return (
    <Notice
      title={`It is quiet in the ${name}`}
      text="Say the first word: it is the first event of the log."
    />
  )
}
