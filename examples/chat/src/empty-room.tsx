import { Notice } from '@streamdb/example-shared/page'
import { useRoom } from './chat-context.ts'

/** Says that the room has no messages. */
export function EmptyRoom() {
  const { name } = useRoom()
  return (
    <Notice
      title={`It is quiet in the ${name}`}
      text="Write the first message: it becomes the first event of the log."
    />
  )
}
