import { ToolIcon } from '@streamdb/example-shared/page'
import type { Part, ToolState } from '@streamdb/session'
import type { ReactNode } from 'react'

const labels: Record<ToolState, readonly [label: string, tone: 'good' | 'busy' | 'bad']> = {
  'input-streaming': ['Preparing', 'busy'],
  'input-available': ['Running', 'busy'],
  'awaiting-approval': ['Waiting for approval', 'busy'],
  'awaiting-output': ['Waiting for an answer', 'busy'],
  'output-available': ['Done', 'good'],
  'output-error': ['Failed', 'bad'],
  denied: ['Denied', 'bad'],
}

/** A tool call: which one, how far it is; what went in and came out when it is opened; and the question about it. */
export function ToolPart({ part, children }: { readonly part: Part; readonly children: ReactNode }) {
  const [label, tone] = labels[part.toolState ?? 'input-available']
  return (
    <section className="tool" aria-label={`Tool ${part.toolName}`}>
      <details>
        <summary>
          <ToolIcon />
          <code>{part.toolName}</code>
          <span className="tool-input">{summaryOf(part.input)}</span>
          <span className={`indicator ${tone}`}>
            <span className="light" aria-hidden="true" />
            {label}
          </span>
        </summary>
        <dl className="tool-details">
          <dt>Input</dt>
          <dd>
            <pre className="wide" tabIndex={0}>
              {JSON.stringify(part.input, undefined, 2)}
            </pre>
          </dd>
          {part.output !== undefined && (
            <>
              <dt>Output</dt>
              <dd>
                <pre className="wide" tabIndex={0}>
                  {JSON.stringify(part.output, undefined, 2)}
                </pre>
              </dd>
            </>
          )}
          {part.error !== undefined && (
            <>
              <dt>Error</dt>
              <dd>{part.error}</dd>
            </>
          )}
        </dl>
      </details>
      {children}
    </section>
  )
}

/** `{ query: 'the loom' }` -> `the loom`. */
function summaryOf(input: unknown): string {
  if (typeof input !== 'object' || input === null) return typeof input === 'string' ? input : ''
  return Object.values(input)
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .join(' · ')
}
