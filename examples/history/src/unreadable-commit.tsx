/** Stands for a commit that cannot be drawn. */
export function UnreadableCommit({ id }: { readonly id: string }) {
  return <article className="commit unreadable">Commit {id.slice(0, 7)} cannot be shown.</article>
}
