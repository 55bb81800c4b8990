import { useEffect, useRef } from 'react'
import { Icon } from './icons.tsx'
import { shortcuts } from './use-shortcuts.ts'

/** The list of keys. */
export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const { activeElement } = document
    button.current?.focus()
    return () => {
      if (activeElement instanceof HTMLElement) activeElement.focus()
    }
  }, [])
  return (
    <div className="overlay" onClick={onClose}>
      <div
        className="dialog"
        role="dialog"
        aria-modal="true"
        aria-label="Keyboard"
        onClick={(event) => event.stopPropagation()}
      >
        <header className="side-head">
          <h2>Keyboard</h2>
          <span className="space" />
          <button
            ref={button}
            type="button"
            className="button icon-button"
            aria-label="Close the list of keys"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </header>
        <dl className="keys">
          {shortcuts.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                {keys.split(' ').map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  )
}
