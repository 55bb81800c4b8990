import { useEffect } from 'react'
import type { Room } from './room.ts'

/** Undoes with Ctrl+Z and does again with Ctrl+Shift+Z, unless somebody is amid writing: that has its own undo. */
export function useUndoKeys({ acts }: Room): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey) || event.altKey) return
      if (event.target instanceof HTMLTextAreaElement && event.target.value !== '') return
      event.preventDefault()
      if (event.shiftKey) acts.redo()
      else acts.undo()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [acts])
}
