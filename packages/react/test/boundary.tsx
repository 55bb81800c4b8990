import { useLiveSuspenseQuery } from '../src/index.ts'
import type { RoomDB } from '@streamdb/testkit/rooms'
import { act, screen } from '@testing-library/react'
import { Component, Suspense } from 'react'
import type { ReactElement, ReactNode } from 'react'

// Error boundaries as applications have them.

interface BoundaryProps {
  readonly children: ReactNode
  readonly onReset: () => void
}

/** As applications have it: shows the error, and a button that tries again. */
export class Boundary extends Component<BoundaryProps, { readonly error?: Error }> {
  override readonly state: { readonly error?: Error } = {}

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const again = (): void => {
      this.props.onReset()
      this.setState({ error: undefined as never })
    }
    return (
      <button type="button" onClick={again}>
        {`${'code' in error ? String(error.code) : error.name}: ${error.message}`}
      </button>
    )
  }
}

/** Lists the texts of a room; suspends until they are loaded. */
export function Messages({ db }: { readonly db: RoomDB }): ReactElement {
  const { messages } = db.collections
  const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ message: messages }) })
  return (
    <ul>
      {data.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  )
}

/** Presses the button of the boundary. */
export async function click(): Promise<void> {
  await act(async () => screen.getByRole('button').click())
}

/** Returns the texts that the page lists. */
export function texts(): (string | null)[] {
  return screen.queryAllByRole('listitem').map((item) => item.textContent)
}

/** Suspense and an error boundary around what reads a database. */
export function Caught({
  db,
  children,
}: {
  readonly db: RoomDB
  readonly children: ReactNode
}): ReactElement {
  return (
    <Boundary onReset={() => void db.preload()}>
      <Suspense fallback={<p role="status">loading</p>}>{children}</Suspense>
    </Boundary>
  )
}
