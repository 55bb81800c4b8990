import { useWorkplace } from './contexts.ts'

interface AskedProps {
  readonly asked: readonly string[]
  readonly onChange: (asked: readonly string[]) => void
}

/** The agents that the next message calls upon; none of them: it is for the people. */
export function Asked({ asked, onChange }: AskedProps) {
  const { agents } = useWorkplace().description
  return (
    <div className="asked" role="group" aria-label="Who is asked">
      {agents.map(({ id, name }) => {
        const isAsked = asked.includes(id)
        return (
          <button
            key={id}
            type="button"
            className="chip"
            aria-pressed={isAsked}
            onClick={() => onChange(isAsked ? asked.filter((each) => each !== id) : [...asked, id])}
          >
            {name}
          </button>
        )
      })}
    </div>
  )
}
