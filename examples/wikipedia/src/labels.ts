/** The types of changes that Wikimedia sends. */
export const types: Readonly<Record<string, string>> = {
  edit: 'Edit',
  new: 'New page',
  log: 'Log entry',
  categorize: 'Category',
  external: 'External',
}

/** The namespaces that every wiki has. */
export const namespaces: readonly (readonly [id: number, name: string])[] = [
  [0, 'Articles'],
  [1, 'Talk'],
  [2, 'User'],
  [3, 'User talk'],
  [4, 'Project'],
  [6, 'File'],
  [8, 'MediaWiki'],
  [10, 'Template'],
  [14, 'Category'],
  [-1, 'Special'],
]

/** `12` -> `+12`; `-3` -> `−3`. */
export function signed(value: number): string {
  return value > 0 ? `+${value}` : value < 0 ? `−${-value}` : '0'
}
