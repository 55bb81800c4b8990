import { timeOf } from '../model/event-facts.ts'
import { formatNumber, formatTime } from './format.ts'
import { Icon } from './icons.tsx'
import { useInspector } from './inspector-context.ts'
import { useChanges } from './use-changes.ts'

/** The slider through the log: every table is shown as it stood there. */
export function TimeBar() {
  const { source, position, setPosition } = useInspector()
  const { store } = source.model
  useChanges(store.subscribe)
  const { first, end } = store
  const at = position ?? end
  const event = store.get(Math.max(first, at - 1))
  const isLive = position === undefined
  const move = (next: number): void => setPosition(next >= end ? undefined : Math.max(first, next))
  const where = isLive
    ? `newest of ${formatNumber(end)}`
    : `${formatNumber(at)} of ${formatNumber(end)} · ${formatTime(event ? timeOf(event) : 0)}`
  return (
    <footer className="time" aria-label="Time">
      <button
        type="button"
        className="button live"
        aria-pressed={isLive}
        aria-keyshortcuts="L"
        onClick={() => setPosition(undefined)}
      >
        <span className="live-dot" aria-hidden="true" /> Newest
      </button>
      <button
        type="button"
        className="button icon-button"
        aria-label="One event back"
        aria-keyshortcuts="["
        disabled={at <= first}
        onClick={() => move(at - 1)}
      >
        <Icon name="previous" />
      </button>
      <input
        type="range"
        aria-label="Point in the log"
        aria-valuetext={where}
        min={first}
        max={end}
        value={at}
        onChange={({ target }) => move(target.valueAsNumber)}
      />
      <button
        type="button"
        className="button icon-button"
        aria-label="One event forward"
        aria-keyshortcuts="]"
        disabled={isLive}
        onClick={() => move(at + 1)}
      >
        <Icon name="chevron" />
      </button>
      <span className="where">{where}</span>
    </footer>
  )
}
