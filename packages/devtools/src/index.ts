import type { FunctionComponent } from 'react'
import { LazyInspector } from './stream-db-inspector.tsx'
import type { StreamDBInspectorProps } from './stream-db-inspector.tsx'

export type { StreamDBInspectorProps } from './stream-db-inspector.tsx'
export type { InspectedDatabase } from './feeds/inspected-database.ts'

// Bundlers replace the expression, and drop what is not reached.
declare const process: { readonly env: { readonly NODE_ENV?: string | undefined } }

/**
 * The inspector of a StreamDB database, for development: a button in the corner of the page, and behind it the log, every table
 * as it stands or stood, writes, invalid events, the connection, queries and sizes.
 *
 * In a production build (`NODE_ENV` is `production`) it renders nothing, and no byte of it is in the bundle. Elsewhere it is
 * loaded by a dynamic import when it is mounted. It changes nothing of the application's page but one element at its end,
 * with a shadow root.
 *
 * @example
 * ```tsx
 * <StreamDBInspector db={db} />
 * ```
 */
export const StreamDBInspector: FunctionComponent<StreamDBInspectorProps> =
  process.env.NODE_ENV === 'production' ? () => null : LazyInspector
