import type { Status } from '@streamdb/react'

/** The label of a connection's status, and its colour. */
export type ConnectionLabel = readonly [label: string, tone: 'good' | 'busy' | 'bad']

const labels: Record<Status['name'], ConnectionLabel> = {
  idle: ['Not started', 'busy'],
  connecting: ['Connecting', 'busy'],
  'catching-up': ['Catching up', 'busy'],
  live: ['Live', 'good'],
  offline: ['Offline', 'bad'],
  reconnecting: ['Reconnecting', 'bad'],
  'needs-auth': ['Refused', 'bad'],
  ended: ['Ended', 'busy'],
  failed: ['Failed', 'bad'],
  closed: ['Closed', 'bad'],
}

/** Returns the label of a database's status. */
export function connectionLabel({ name }: Status): ConnectionLabel {
  return labels[name]
}

/** Shows a label beside a light of its colour. */
export function ConnectionIndicator({ label: [label, tone] }: { readonly label: ConnectionLabel }) {
  return (
    <span className={`indicator ${tone}`} role="status">
      <span className="light" aria-hidden="true" />
      <span className="indicator-label">{label}</span>
    </span>
  )
}
