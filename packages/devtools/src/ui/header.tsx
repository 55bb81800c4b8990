import { useRef } from 'react'
import type { ReactNode } from 'react'
import { toNdjson } from '../model/log-file.ts'
import { saveFile } from './copy.ts'
import { formatNumber } from './format.ts'
import { Icon } from './icons.tsx'
import { panes, paneTitles, useInspector } from './inspector-context.ts'
import type { Pane } from './inspector-context.ts'
import { lineAfterKey } from './list-keys.ts'
import { StatusPill } from './status-pill.tsx'
import { useChanges } from './use-changes.ts'
import type { ThemeChoice } from './use-theme.ts'

interface HeaderProps {
  readonly pane: Pane
  readonly theme: ThemeChoice
  readonly onTheme: () => void
  readonly onHelp: () => void
  readonly onClose: (() => void) | undefined
  readonly onImport: (name: string, text: string) => void
  readonly children: ReactNode
}

const themeIcons = { auto: 'auto', light: 'sun', dark: 'moon' } as const

/** The stream and its status, the panes, and what concerns all of them. */
export function Header({ pane, theme, onTheme, onHelp, onClose, onImport, children }: HeaderProps) {
  const { source, say } = useInspector()
  const file = useRef<HTMLInputElement>(null)

  async function importFile(chosen: File | undefined): Promise<void> {
    if (chosen === undefined) return
    onImport(chosen.name, await chosen.text())
    say(`Opened ${chosen.name}.`)
  }

  return (
    <header className="head">
      <div className="brand">
        <Mark />
        <h1>StreamDB</h1>
        {children ?? (
          <span className="stream mono" title={source.name}>
            {pathOf(source.name)}
          </span>
        )}
        <StatusPill />
      </div>
      <PaneTabs pane={pane} />
      <div className="tools">
        <input
          ref={file}
          type="file"
          hidden
          accept=".ndjson,.jsonl,.json,application/x-ndjson"
          onChange={({ target }) => {
            void importFile(target.files?.[0])
            target.value = ''
          }}
        />
        <button
          type="button"
          className="button icon-button"
          aria-label="Open a log from a file"
          title="Open a log from a file (NDJSON)"
          onClick={() => file.current?.click()}
        >
          <Icon name="upload" />
        </button>
        <button
          type="button"
          className="button icon-button"
          aria-label="Save the log as a file"
          title="Save the log as a file (NDJSON)"
          onClick={() => saveFile('log.ndjson', [...toNdjson(source.model.store)], 'application/x-ndjson')}
        >
          <Icon name="download" />
        </button>
        <button
          type="button"
          className="button icon-button"
          aria-label={`Theme: ${theme}`}
          title={`Theme: ${theme} (T)`}
          onClick={onTheme}
        >
          <Icon name={themeIcons[theme]} />
        </button>
        <button
          type="button"
          className="button icon-button"
          aria-label="Keyboard"
          title="Keyboard (?)"
          onClick={onHelp}
        >
          <Icon name="help" />
        </button>
        {onClose !== undefined && (
          <button
            type="button"
            className="button icon-button"
            aria-label="Close the inspector"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
    </header>
  )
}

/** The panes as tabs; what wants to be looked at has a number. */
function PaneTabs({ pane }: { readonly pane: Pane }) {
  const { source, openPane } = useInspector()
  const { invalid, writes } = source.model
  useChanges(invalid.subscribe)
  useChanges(writes.subscribe)
  const underWay = writes.list().filter(({ state }) => state === 'pending' || state === 'acknowledged').length
  const counts: Partial<Record<Pane, number>> = { invalid: invalid.total, writes: underWay }
  return (
    <div className="tabs" role="tablist" aria-label="Panes">
      {panes.map((each, index) => {
        const count = counts[each] ?? 0
        return (
          <button
            key={each}
            type="button"
            role="tab"
            className="tab"
            aria-selected={each === pane}
            aria-keyshortcuts={String(index + 1)}
            tabIndex={each === pane ? 0 : -1}
            onClick={() => openPane(each)}
            onKeyDown={(event) => {
              const key = event.key.replace('Right', 'Down').replace('Left', 'Up')
              const next = lineAfterKey(key, { active: index, count: panes.length, page: 1 })
              const name = next === undefined ? undefined : panes[next]
              if (next === undefined || name === undefined) return
              event.preventDefault()
              openPane(name)
              const button = event.currentTarget.parentElement?.children[next]
              if (button instanceof HTMLElement) button.focus()
            }}
          >
            {paneTitles[each]}
            {count > 0 && <span className={`count count-${each}`}>{formatNumber(count)}</span>}
          </button>
        )
      })}
    </div>
  )
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1" y="1" width="18" height="18" rx="5" />
      <path d="M5 6.5h7M5 10h10M5 13.5h5" />
    </svg>
  )
}

/** Returns of a URL what tells streams apart. */
function pathOf(name: string): string {
  try {
    return decodeURIComponent(new URL(name).pathname)
  } catch {
    return name
  }
}
