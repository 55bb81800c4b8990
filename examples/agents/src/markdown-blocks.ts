/**
 * Splits Markdown into blocks that mean the same apart as together: at blank lines that are not in a fence of code, and
 * before a line that goes on with nothing, neither a list nor what is indented.
 */
export function toBlocks(text: string): readonly string[] {
  const blocks: string[] = []
  let block: string[] = []
  let fence: string | undefined
  let isAfterBlank = false
  for (const line of text.split('\n')) {
    if (fence === undefined && isAfterBlank && block.length > 0 && !goesOn(line)) {
      blocks.push(block.join('\n'))
      block = []
    }
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined) fence = mark
    else if (mark?.startsWith(fence) === true && /^[\s`~]*$/.test(line)) fence = undefined
    isAfterBlank = line.trim() === ''
    block.push(line)
  }
  if (block.some((line) => line.trim() !== '')) blocks.push(block.join('\n'))
  return blocks
}

/** A list, what is indented, and a link's address that is named elsewhere belong to what is around them. */
function goesOn(line: string): boolean {
  return line.trim() === '' || /^(\s|[-*+] |\d+[.)] |\[[^\]]+\]:)/.test(line)
}
