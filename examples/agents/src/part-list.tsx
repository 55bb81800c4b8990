import { useReadable } from '@streamdb/react'
import type { Message, Part, Run } from '@streamdb/session'
import { ApprovalCard } from './approval-card.tsx'
import { useRoom } from './contexts.ts'
import { FilePart } from './file-part.tsx'
import { Markdown } from './markdown.tsx'
import { ToolPart } from './tool-part.tsx'
import { useApprovals } from './use-rows.ts'
import { useSmoothText } from './use-smooth-text.ts'

interface PartListProps {
  readonly message: Message
  readonly parts: readonly Part[]
  readonly run: Run | undefined
}

/** The parts of a message in their order, and what its run asks. */
export function PartList({ message, parts, run }: PartListProps) {
  const { session } = useRoom()
  const approvals = useApprovals(session, run?.id ?? '')
  const isBeginning = parts.length === 0 && run?.status === 'running'
  return (
    <>
      {isBeginning && <Waiting />}
      {parts.map((part) => (
        <PartView key={part.id} part={part} isAgents={message.role === 'assistant'}>
          {approvals
            .filter(({ toolCall }) => toolCall !== undefined && toolCall === part.toolCall)
            .map((approval) => (
              <ApprovalCard key={approval.id} approval={approval} />
            ))}
        </PartView>
      ))}
      {approvals
        .filter(({ toolCall }) => toolCall === undefined)
        .map((approval) => (
          <ApprovalCard key={approval.id} approval={approval} />
        ))}
    </>
  )
}

interface PartViewProps {
  readonly part: Part
  readonly isAgents: boolean
  readonly children: React.ReactNode
}

function PartView({ part, isAgents, children }: PartViewProps) {
  switch (part.kind) {
    case 'text':
      return <TextPart part={part} isAgents={isAgents} />
    case 'reasoning':
      return <ReasoningPart part={part} />
    case 'tool-call':
      return <ToolPart part={part}>{children}</ToolPart>
    case 'file':
      return <FilePart part={part} />
    case 'source':
      return (
        <p className="source">
          <a href={part.url} target="_blank" rel="noopener noreferrer">
            {part.name ?? part.url}
          </a>
        </p>
      )
    case 'data':
    case 'raw':
      return undefined
  }
}

/** A text: Markdown of an agent, plain of a person. */
function TextPart({ part, isAgents }: { readonly part: Part; readonly isAgents: boolean }) {
  const { session } = useRoom()
  const whole = useReadable(session.text(part))
  const text = useSmoothText(whole)
  const isGrowing = part.state === 'streaming' || text.length < whole.length
  if (!isAgents) return <p className="text plain">{text}</p>
  return (
    <div className={`text prose${isGrowing ? ' streaming' : ''}`}>
      <Markdown text={text} />
    </div>
  )
}

function ReasoningPart({ part }: { readonly part: Part }) {
  const { session } = useRoom()
  const text = useSmoothText(useReadable(session.text(part)))
  return (
    <details className="reasoning">
      <summary>{part.state === 'streaming' ? 'Thinking…' : 'Thought about it'}</summary>
      <p>{text}</p>
    </details>
  )
}

function Waiting() {
  return (
    <p className="waiting">
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className="visually-hidden">Beginning to answer</span>
    </p>
  )
}
