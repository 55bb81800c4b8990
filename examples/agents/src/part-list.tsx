import type { Message, Part, Run } from '@streamdb/session'
import { useMessageText } from '@streamdb/session/react'
import type { ReactNode } from 'react'
import { ApprovalCard } from './approval-card.tsx'
import { useRoom } from './contexts.ts'
import { FilePart } from './file-part.tsx'
import { Markdown } from './markdown.tsx'
import { ToolPart } from './tool-part.tsx'
import { useQuestions } from './use-rows.ts'

interface PartListProps {
  readonly message: Message
  readonly parts: readonly Part[]
  readonly run: Run | undefined
}

/** The parts of a message in their order, and what its run asks. */
export function PartList({ message, parts, run }: PartListProps) {
  const { session } = useRoom()
  const approvals = useQuestions(session, run?.id ?? '')
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
  readonly children: ReactNode
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
  const text = useMessageText(part, { smooth: true })
  if (!isAgents) return <p className="text plain">{text}</p>
  return (
    <div className={`text prose${part.state === 'streaming' ? ' streaming' : ''}`}>
      <Markdown text={text} />
    </div>
  )
}

function ReasoningPart({ part }: { readonly part: Part }) {
  const text = useMessageText(part, { smooth: true })
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
