import { Component } from 'react'
import type { ReactNode } from 'react'

interface ErrorBoundaryProps {
  /** Shown in place of children that throw. */
  readonly fallback: ReactNode
  /** What the children are drawn from: another value is another attempt. */
  readonly resetKey: unknown
  readonly children: ReactNode
}

/**
 * Contains an error to a part of the page: a row that cannot be drawn must not take the others with it.
 *
 * A schema keeps out what a component cannot draw; this is for what the schema did not think of.
 */
export class ErrorBoundary extends Component<
  ErrorBoundaryProps,
  { readonly failedKey: unknown; readonly failed: boolean }
> {
  override readonly state = { failedKey: undefined, failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  static getDerivedStateFromProps(
    { resetKey }: ErrorBoundaryProps,
    { failedKey, failed }: { readonly failedKey: unknown; readonly failed: boolean },
  ): { failedKey: unknown; failed: boolean } {
    return { failedKey: resetKey, failed: failed && failedKey === resetKey }
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}
