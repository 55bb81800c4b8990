/** Stands for a message that cannot be drawn. */
export function UnreadableMessage({ tabIndex }: { readonly tabIndex: 0 | -1 }) {
  return (
    <article className="message first" tabIndex={tabIndex} aria-label="A message that cannot be shown">
      <p className="content quiet">This message cannot be shown.</p>
    </article>
  )
}
