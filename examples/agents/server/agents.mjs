/** The agents that take part, each in a process of its own. Their names are what messages mention. */
export const agents = [
  { id: 'scout', name: 'Scout', about: 'Looks things up in the archive' },
  { id: 'quill', name: 'Quill', about: 'Writes in the shared notes' },
]
