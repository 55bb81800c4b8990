import { useCallback, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { fileSource } from '../feeds/file-source.ts'
import type { InspectorSource } from '../feeds/source.ts'
import { ConnectionPane } from './connection-pane.tsx'
import { Header } from './header.tsx'
import { InspectorContext, paneTitles } from './inspector-context.ts'
import type { ChosenRow, Inspector, Pane } from './inspector-context.ts'
import { InvalidPane } from './invalid-pane.tsx'
import { QueriesPane } from './queries-pane.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { SizesPane } from './sizes-pane.tsx'
import { TablesPane } from './tables-pane.tsx'
import { TimeBar } from './time-bar.tsx'
import { TimelinePane } from './timeline-pane.tsx'
import { useShortcuts } from './use-shortcuts.ts'
import { useTheme } from './use-theme.ts'
import { WritesPane } from './writes-pane.tsx'

/** What the inspector is shown with. */
export interface InspectorAppProps {
  readonly source: InspectorSource
  /** Closes it; absent on a page of its own. */
  readonly onClose?: (() => void) | undefined
  /** Beside the name of the stream, on the page of its own: the form that opens another. */
  readonly children?: ReactNode
}

/** The whole inspector, of a database, a stream or a file. */
export function InspectorApp({ source: given, onClose, children }: InspectorAppProps) {
  const [imported, setImported] = useState<InspectorSource>()
  const source = imported ?? given
  const [pane, openPane] = useState<Pane>('timeline')
  const [position, setPosition] = useState<number>()
  const [chosen, choose] = useState<number>()
  const [row, setRow] = useState<ChosenRow>()
  const [table, openTable] = useState<string>()
  const [search, setSearch] = useState('')
  const [said, setSaid] = useState('')
  const [isHelping, setHelping] = useState(false)
  const { theme, chosenTheme, nextTheme } = useTheme()
  const root = useRef<HTMLDivElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const say = useCallback((text: string) => {
    setSaid(text)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setSaid(''), 3_000)
  }, [])

  const openRow = useCallback((next: ChosenRow | undefined) => {
    setRow(next)
    if (next !== undefined) openTable(next.type)
  }, [])

  const show = useCallback((next: InspectorSource | undefined) => {
    setImported(next)
    setPosition(undefined)
    choose(undefined)
    setRow(undefined)
    openTable(undefined)
  }, [])

  const inspector = useMemo<Inspector>(
    () => ({
      ...{ source, position, setPosition, chosen, choose, row, openRow, table, openTable },
      ...{ search, setSearch, openPane, say },
    }),
    [source, position, chosen, row, openRow, table, search, say],
  )

  const onKeyDown = useShortcuts({
    inspector,
    pane,
    nextTheme,
    toggleHelp: () => setHelping((before) => !before),
    focusSearch: () => {
      openPane('timeline')
      // Drawn first, where another pane was shown.
      setTimeout(() => root.current?.querySelector<HTMLElement>('[data-search]')?.focus(), 0)
    },
    closeSide: () => {
      if (isHelping) setHelping(false)
      else if (pane === 'timeline' && chosen !== undefined) choose(undefined)
      else if (pane === 'tables' && row !== undefined) openRow(undefined)
      else onClose?.()
    },
  })

  return (
    <InspectorContext value={inspector}>
      <div ref={root} className="inspector" data-theme={theme} onKeyDown={onKeyDown}>
        <Header
          pane={pane}
          theme={chosenTheme}
          onTheme={nextTheme}
          onHelp={() => setHelping(true)}
          onClose={onClose}
          onImport={(name, text) => show(fileSource(name, text))}
        >
          {children}
        </Header>
        {imported !== undefined && (
          <p className="banner">
            A file is shown: {imported.name}.
            <button type="button" className="link" onClick={() => show(undefined)}>
              Back to the stream
            </button>
          </p>
        )}
        <div className="pane" role="tabpanel" aria-label={paneTitles[pane]} key={source.name}>
          <PaneContent pane={pane} />
        </div>
        <TimeBar />
        <p className={said === '' ? 'toast' : 'toast shown'} role="status">
          {said}
        </p>
        {isHelping && <Shortcuts onClose={() => setHelping(false)} />}
      </div>
    </InspectorContext>
  )
}

function PaneContent({ pane }: { readonly pane: Pane }) {
  switch (pane) {
    case 'timeline':
      return <TimelinePane />
    case 'tables':
      return <TablesPane />
    case 'writes':
      return <WritesPane />
    case 'invalid':
      return <InvalidPane />
    case 'connection':
      return <ConnectionPane />
    case 'queries':
      return <QueriesPane />
    case 'sizes':
      return <SizesPane />
  }
}
