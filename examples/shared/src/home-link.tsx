import { ListIcon } from './icons.tsx'

/** Leads back to the page that lists all examples; nothing where the example runs by itself. */
export function HomeLink({ home }: { readonly home: string | undefined }) {
  if (home === undefined) return null
  return (
    <a className="way" href={home}>
      <ListIcon />
      <span className="way-words">All examples</span>
    </a>
  )
}
