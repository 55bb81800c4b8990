import { useRoom, useWorkplace } from './contexts.ts'

/** How long a title is that is made of the first message, in letters. */
const titleLength = 48

/** Returns what names a new session after its first message. */
export function useFirstTitle(isFirst: boolean): (text: string) => void {
  const { id } = useRoom()
  const { directory } = useWorkplace()
  return (text) => {
    const title = directory.db.collections.sessions.get(id)?.title
    if (isFirst && title === 'New session' && text.trim() !== '') {
      void directory.rename(id, text.trim().slice(0, titleLength))
    }
  }
}
