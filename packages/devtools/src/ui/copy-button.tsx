import { copyText } from './copy.ts'
import { useInspector } from './inspector-context.ts'

interface CopyButtonProps {
  readonly label: string
  /** Made when it is asked for. */
  readonly text: () => string
}

/** Copies text, and says so. */
export function CopyButton({ label, text }: CopyButtonProps) {
  const { say } = useInspector()
  async function copy(): Promise<void> {
    const isCopied = await copyText(text())
    say(isCopied ? `Copied: ${label.replace(/^Copy /, '')}` : 'The browser refused to copy.')
  }
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      {label}
    </button>
  )
}
