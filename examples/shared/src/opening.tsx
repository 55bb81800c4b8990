import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { PageNotice } from './notice.tsx'

interface OpeningProps<Value> {
  /** What is shown meanwhile: "Opening the chat…". */
  readonly title: string
  /** Opens it; must be the same function in every render. Called again after a failure, when the user asks for it. */
  readonly open: () => Promise<Value>
  readonly children: (value: Value) => ReactNode
}

type State<Value> =
  | { readonly name: 'opening' }
  | { readonly name: 'failed'; readonly error: unknown }
  | { readonly name: 'open'; readonly value: Value }

/** Opens what a page shows, and shows it; says so while it takes time, and when it fails. */
export function Opening<Value>({ title, open, children }: OpeningProps<Value>) {
  const [state, setState] = useState<State<Value>>({ name: 'opening' })
  const isOpening = state.name === 'opening'

  useEffect(() => {
    if (!isOpening) return
    let isCurrent = true
    open().then(
      (value) => isCurrent && setState({ name: 'open', value }),
      (error: unknown) => isCurrent && setState({ name: 'failed', error }),
    )
    return () => {
      isCurrent = false
    }
  }, [isOpening, open])

  switch (state.name) {
    case 'opening':
      return <PageNotice title={title} busy />
    case 'failed':
      return (
        <PageNotice
          title="The server does not answer"
          text={state.error instanceof Error ? state.error.message : String(state.error)}
        >
          <button type="button" onClick={() => setState({ name: 'opening' })}>
            Try again
          </button>
        </PageNotice>
      )
    case 'open':
      return children(state.value)
  }
}
