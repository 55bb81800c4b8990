// @vitest-environment jsdom
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test, vi } from 'vitest'
import { ErrorBoundary } from '../src/error-boundary.tsx'

function Row({ text }: { readonly text: string }) {
  if (text === 'bad') throw new RangeError('Invalid time value')
  return <p>{text}</p>
}

test('[F-real-84] a row that throws is replaced by its fallback, alone, and drawn again when it changes', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const place = document.createElement('div')
  const root = createRoot(place)
  const draw = async (texts: readonly string[]) =>
    act(async () =>
      root.render(
        texts.map((text, index) => (
          <ErrorBoundary key={index} resetKey={text} fallback={<p>cannot be shown</p>}>
            <Row text={text} />
          </ErrorBoundary>
        )),
      ),
    )
  await draw(['one', 'bad', 'three'])
  expect([...place.children].map((each) => each.textContent)).toEqual(['one', 'cannot be shown', 'three'])
  await draw(['one', 'two', 'three'])
  expect([...place.children].map((each) => each.textContent)).toEqual(['one', 'two', 'three'])
  await act(async () => root.unmount())
  error.mockRestore()
})
