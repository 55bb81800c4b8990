/**
 * One line of the table: a figure of a workload, ours beside the others, and how it stands to its targets.
 * @param {import('../workloads/index.mjs').Workload} workload
 * @param {import('../workloads/index.mjs').Figure} figure
 * @param {Record<string, Record<string, number>>} found medians by subject
 * @param {boolean} judged whether the figures are worth a mark
 */
export function lineOf(workload, figure, found, judged = true) {
  const { ours, published, floor, unvalidated, maps, needed, without, before, again } = found
  const { name, unit, atLeast = false } = figure
  const least = floor ?? unvalidated ?? maps ?? needed
  const value = (subject) => {
    if (subject?.[name] !== undefined) return `${show(subject[name])} ${unit}`
    // Not every subject has every figure: one without any has failed.
    return subject === undefined || Object.keys(subject).length > 0 ? '' : 'failed'
  }
  const ratio = (other, target) => {
    // Of nothing there is no share.
    if (other?.[name] === undefined || other[name] === 0) return ''
    const share = (ours?.[name] ?? NaN) / other[name]
    if (target === undefined || !judged) return share.toFixed(2)
    const passed = atLeast ? share >= target : share <= target
    return `${share.toFixed(2)} (${atLeast ? '>=' : '<='} ${target}) ${passed ? 'ok' : 'MISS'}`
  }
  return [
    workload.title,
    name,
    value(ours),
    value(published),
    // What of it is not the fetch, where that was told apart.
    value(least) + (name === 'cpu' && least?.bare !== undefined ? ` (${show(least.bare)} less fetch)` : ''),
    value(without),
    ratio(published, figure.published),
    ratio(least, figure.floor),
    ratio(without, figure.without),
    judged && figure.most !== undefined ? bound(ours?.[name], figure.most) : '',
    value(before),
    // A refactoring makes no figure worse by more than a twentieth.
    ratio(before, before && (atLeast ? 0.95 : 1.05)),
    figure.others ?? '',
    again?.[name] === undefined || !before?.[name] ? '' : (again[name] / before[name]).toFixed(2),
  ]
}

const heads = [
  'workload',
  'figure',
  'ours',
  'published',
  'floor',
  'without',
  'ours / published',
  'ours / floor',
  'ours / without',
  'bound',
  'before',
  'ours / before',
  'others, as offline-sync-bench has them',
  'before / itself',
]

/** Returns lines as a Markdown table, without the columns that none of them fills. */
export function tableOf(lines) {
  const used = heads.map((_, column) => column).filter((column) => lines.some((line) => line[column] !== ''))
  const pick = (line) => used.map((column) => line[column])
  return markdown(pick(heads), lines.map(pick), (column) => [2, 3, 4, 5, 10].includes(used[column] ?? 0))
}

/**
 * Returns a Markdown table, aligned for reading as it is.
 * @param {string[]} head
 * @param {string[][]} lines
 * @param {(column: number) => boolean} right which columns hold numbers
 */
export function markdown(head, lines, right) {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  )
  const row = (cells) =>
    `| ${cells.map((cell, column) => (right(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(' | ')} |`
  const rule = widths.map((width, column) => '-'.repeat(width - 1) + (right(column) ? ':' : '-'))
  return [row(head), `| ${rule.join(' | ')} |`, ...lines.map(row)].join('\n')
}

function bound(value, most) {
  return `<= ${most} ${value <= most ? 'ok' : 'MISS'}`
}

function show(value) {
  if (Number.isInteger(value) && value < 1000) return String(value)
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
