import { memo } from 'react'
import type { ComponentProps } from 'react'
import ReactMarkdown from 'react-markdown'
import type { Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { toBlocks } from './markdown-blocks.ts'

/**
 * Renders Markdown that somebody else wrote: HTML in it is text, addresses are those of the web and of mail, pictures are
 * links. Of a text that grows only the last block is parsed again.
 */
export function Markdown({ text }: { readonly text: string }) {
  // Blocks keep their places: text is only added at the end.
  return toBlocks(text).map((block, index) => <Block key={index} text={block} />)
}

const Block = memo(function Block({ text }: { readonly text: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components}>
      {text}
    </ReactMarkdown>
  )
})

const plugins = [remarkGfm]

const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  img: ({ src, alt }) => (
    <a href={typeof src === 'string' ? src : undefined} target="_blank" rel="noopener noreferrer nofollow">
      {alt === undefined || alt === '' ? 'Picture' : alt}
    </a>
  ),
  // The page's own headings are above these.
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  table: ({ children }) => (
    <div className="wide" role="region" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => (
    <pre className="wide" tabIndex={0}>
      {children}
    </pre>
  ),
  input: ({ checked, type }) => <input type={type} checked={checked} readOnly aria-label="Done" />,
}

function Heading({ children }: ComponentProps<'h3'>) {
  return <h3>{children}</h3>
}
