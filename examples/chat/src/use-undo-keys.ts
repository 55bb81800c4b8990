import { useEffect } from 'react'
import type { Room } from './room.ts'

/** Undoes with Ctrl+Z and redoes with Ctrl+Shift+Z, except in a text field with text, which has an undo of its own. */
export function useUndoKeys({ feedback }: Room): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey) || event.altKey) return
      if (event.target instanceof HTMLTextAreaElement && event.target.value !== '') return
      event.preventDefault()
      if (event.shiftKey) feedback.redo()
      else feedback.undo()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [feedback])
}
