import type { AgentRun } from '@streamdb/session'

/** What a run is asked to do. */
export interface Request {
  readonly text: string
  /** Who asks: a person or another agent, by id. */
  readonly author: string
  readonly attachments: readonly string[]
  /** Which answer to the same request it is: 0 for the first. */
  readonly take: number
}

/** Returns what a run is to answer: of a regenerated answer that is what stands before it. */
export function requestOf(run: AgentRun, { names }: { readonly names: readonly string[] }): Request {
  const asked = run.triggers.at(-1)
  const texts = asked?.parts.filter((part) => part.kind === 'text') ?? []
  // What an agent asks of another one stands at the end of what it says.
  const text = texts.at(-1)?.text ?? ''
  const files = asked?.parts.filter((part) => part.kind === 'file') ?? []
  const last = run
    .messages()
    .filter((message) => message.role === 'user')
    .at(-1)
  const said =
    last?.role === 'user' ? last.content.map((each) => (each.type === 'text' ? each.text : '')).join(' ') : ''
  return {
    text: withoutNames(text === '' ? said : text, names),
    author: asked?.message.author ?? '',
    attachments: files.map((part) => part.attachment).filter((id) => id !== undefined),
    take:
      run.branch === undefined ? 0 : [...run.branch].reduce((sum, letter) => sum + letter.charCodeAt(0), 1),
  }
}

function withoutNames(text: string, names: readonly string[]): string {
  return names.reduce((rest, name) => rest.replaceAll(new RegExp(`@${name}\\b[,:]?`, 'gi'), ''), text).trim()
}
