import { useEffect, useState } from 'react'
import type { InspectorSource } from '../feeds/source.ts'
import { InspectorApp } from './inspector-app.tsx'
import { useTheme } from './use-theme.ts'

const storageKey = 'streamdb-inspector-open'

interface InspectorDockProps {
  readonly source: InspectorSource
  readonly isOpenAtFirst: boolean
}

const least = 220

/** The button in the corner of an application, and the inspector as a sheet at its bottom. */
export function InspectorDock({ source, isOpenAtFirst }: InspectorDockProps) {
  const [isOpen, setOpen] = useState(() => wasOpen() ?? isOpenAtFirst)
  const [height, setHeight] = useState(() => Math.round(innerHeight * 0.55))
  const { theme } = useTheme()

  useEffect(() => remember(isOpen), [isOpen])

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      // The code is the key's place: with Alt some systems type another letter.
      if (event.code !== 'KeyI' || !event.altKey || !event.shiftKey) return
      event.preventDefault()
      setOpen((before) => !before)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])

  if (!isOpen) {
    return (
      <button
        type="button"
        className="opener"
        data-theme={theme}
        aria-label="Open the StreamDB inspector"
        aria-keyshortcuts="Alt+Shift+I"
        title="StreamDB inspector (Alt+Shift+I)"
        onClick={() => setOpen(true)}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4.5 6h8M4.5 10h11M4.5 14h6" />
        </svg>
      </button>
    )
  }

  const resize = (next: number): void => setHeight(Math.max(least, Math.min(innerHeight - 40, next)))
  return (
    <section className="dock" data-theme={theme} aria-label="StreamDB inspector" style={{ height }}>
      <div
        className="grip"
        role="separator"
        aria-orientation="horizontal"
        aria-label="Height of the inspector"
        aria-valuenow={height}
        aria-valuemin={least}
        aria-valuemax={innerHeight - 40}
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key === 'ArrowUp') resize(height + 24)
          else if (event.key === 'ArrowDown') resize(height - 24)
          else return
          event.preventDefault()
        }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(innerHeight - event.clientY)
        }}
      />
      <InspectorApp source={source} onClose={() => setOpen(false)} />
    </section>
  )
}

/** Says whether it was open in this tab last, where that is known: a reload leaves it as it was. */
function wasOpen(): boolean | undefined {
  try {
    const stored = sessionStorage.getItem(storageKey)
    return stored === null ? undefined : stored === 'true'
  } catch {
    // A page that may not store.
    return undefined
  }
}

function remember(isOpen: boolean): void {
  try {
    sessionStorage.setItem(storageKey, String(isOpen))
  } catch {
    // As above.
  }
}
