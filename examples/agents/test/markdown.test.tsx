import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { toBlocks } from '../src/markdown-blocks.ts'
import { Markdown } from '../src/markdown.tsx'

const html = (text: string) => renderToStaticMarkup(<Markdown text={text} />)

test('[A39] Markdown runs nothing: HTML is text, scripts are no addresses, pictures are links', () => {
  expect(html('<img src=x onerror=alert(1)><script>alert(1)</script>')).not.toMatch(/<(img|script)/)
  expect(html('[a](javascript:alert(1)) [b](data:text/html,x)')).not.toMatch(/javascript:|data:/)
  expect(html('![a picture](https://elsewhere.example/p.png)')).toBe(
    '<p><a href="https://elsewhere.example/p.png" target="_blank" rel="noopener noreferrer nofollow">a picture</a></p>',
  )
  expect(html('[a](https://streamdb.example)')).toContain('rel="noopener noreferrer nofollow"')
})

test.each([
  ['one\n\ntwo', ['one\n', 'two']],
  ['- a\n\n- b\n\n  still b\n\nafter', ['- a\n\n- b\n\n  still b\n', 'after']],
  ['```\na\n\nb\n```\n\nc', ['```\na\n\nb\n```\n', 'c']],
  ['~~~\n```\n\nx', ['~~~\n```\n\nx']],
  ['| a |\n| - |\n| 1 |\n\nx', ['| a |\n| - |\n| 1 |\n', 'x']],
  ['', []],
])('[A39] %j is split into blocks that mean the same apart', (text, blocks) => {
  expect(toBlocks(text)).toEqual(blocks)
  expect(html(text).replaceAll('\n', '')).toBe(blocks.map(html).join('').replaceAll('\n', ''))
})
