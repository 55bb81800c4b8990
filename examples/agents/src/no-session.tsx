import { Notice } from '@streamdb/example-shared/page'

/** Says that there is no such session, or none at all. */
export function NoSession({ id }: { readonly id: string }) {
  return (
    <section className="pane">
      <Notice
        title={id === '' ? 'There are no sessions' : `There is no session “${id}”`}
        text={
          id === '' ? 'Begin one on the left.' : 'It may have been deleted. Choose another one, or begin one.'
        }
      />
    </section>
  )
}
