import { useEffect, useState } from 'react'
import type { InspectorSource } from '../feeds/source.ts'
import { streamSource } from '../feeds/stream-source.ts'
import { InspectorApp } from '../ui/inspector-app.tsx'
import { AddressForm } from './address-form.tsx'

/** What the page shows. */
type Opened =
  | { readonly name: 'nothing' }
  | { readonly name: 'stream'; readonly url: string; readonly source: InspectorSource }
  | { readonly name: 'refused'; readonly url: string; readonly problem: string }

/** The inspector on a page of its own: of the stream in its address, or of one that is asked for. */
export function PageApp() {
  const [opened, setOpened] = useState(openFromAddress)

  useEffect(() => {
    if (opened.name !== 'stream') return undefined
    document.title = `${new URL(opened.source.name).pathname} · StreamDB inspector`
    return () => opened.source.close()
  }, [opened])

  useEffect(() => {
    const onPop = (): void => setOpened(openFromAddress())
    addEventListener('popstate', onPop)
    return () => removeEventListener('popstate', onPop)
  }, [])

  function open(url: string): void {
    const address = new URL(location.href)
    address.searchParams.set('stream', url)
    history.pushState(undefined, '', address)
    setOpened(openFromAddress())
  }

  if (opened.name === 'stream') {
    return (
      <main className="full">
        <InspectorApp source={opened.source} key={opened.source.name}>
          <AddressForm value={opened.url} onOpen={open} />
        </InspectorApp>
      </main>
    )
  }
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches
  return (
    <main className="inspector welcome" data-theme={isDark ? 'dark' : 'light'}>
      <h1>StreamDB inspector</h1>
      <p>Which stream? Its server must let this page read it (CORS).</p>
      <AddressForm value={opened.name === 'refused' ? opened.url : ''} onOpen={open} />
      {opened.name === 'refused' && (
        <p className="problem" role="alert">
          {opened.problem}
        </p>
      )}
    </main>
  )
}

/** Opens the stream that the address names; with `edit=1` its rows may be edited. */
function openFromAddress(): Opened {
  const { searchParams } = new URL(location.href)
  const url = searchParams.get('stream') ?? ''
  if (url === '') return { name: 'nothing' }
  try {
    const allowEdits = searchParams.get('edit') === '1'
    return {
      name: 'stream',
      url,
      source: streamSource({ url: new URL(url, location.href).href, allowEdits }),
    }
  } catch (error) {
    return { name: 'refused', url, problem: error instanceof Error ? error.message : String(error) }
  }
}
