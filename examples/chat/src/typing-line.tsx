import { useRoom } from './chat-context.ts'
import { names } from './format.ts'
import { useTypists } from './use-typists.ts'

/** Says who is writing; an empty line when nobody is, so that the layout does not move. */
export function TypingLine() {
  const typists = useTypists(useRoom())
  return (
    <p className="typing" role="status">
      {typists.length > 0 && (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {names(typists)} {typists.length === 1 ? 'is' : 'are'} writing…
        </>
      )}
    </p>
  )
}
