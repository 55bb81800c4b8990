const width = 470
const height = 320
const caption = 28
const edge = { left: 68, right: 70, top: 58, bottom: 50 }

/**
 * A plot and its lines. `unit`: of the figures that are written beside the ends of the lines.
 * @typedef {'dot' | 'square' | 'triangle' | 'diamond'} Mark
 * @typedef {{ name: string, colour: string, mark: Mark, points: [number, number][] }} Series
 * @typedef {{ title: string, x: string, y: string, unit: string, series: Series[] }} Plot
 */

/**
 * Draws plots side by side, two a row, and a line of text below.
 * @param {string} title for whoever does not see them
 * @param {Plot[]} plots
 * @param {string} text
 */
export function drawing(title, plots, text) {
  const rows = Math.ceil(plots.length / 2)
  const panels = plots.map((plot, index) => {
    const at = `${(index % 2) * width} ${Math.floor(index / 2) * height}`
    return `<g transform="translate(${at})">\n${panel(plot)}\n</g>`
  })
  // White behind it: on a dark page it stays a picture that can be read.
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * width} ${rows * height + caption}" font-family="system-ui, sans-serif" font-size="12" fill="#333">
<title>${escaped(title)}</title>
<style>.grid{stroke:#e2e2e2;stroke-width:1}.axis{stroke:#888;stroke-width:1}</style>
<rect width="100%" height="100%" fill="#fff"/>
${panels.join('\n')}
<text x="${edge.left}" y="${rows * height + 8}" font-size="11" fill="#666">${escaped(text)}</text>
</svg>
`
}

/** Draws one plot with logarithmic axes. */
function panel({ title, x, y, unit, series }) {
  const points = series.flatMap((each) => each.points)
  const right = width - edge.right
  const bottom = height - edge.bottom
  const across = scale(
    points.map(([at]) => at),
    [edge.left, right],
  )
  const up = scale(
    points.map(([, value]) => value),
    [bottom, edge.top],
  )
  const [xs, ys] = [across.ticks.map(across.at), up.ticks.map(up.at)]
  return [
    `<text x="${edge.left}" y="22" font-size="14" font-weight="bold">${escaped(title)}</text>`,
    ...series.map((each, index) => legend(each, edge.left + index * legendStep(series.length))),
    ...xs.map((at) => `<path class="grid" d="M${at} ${edge.top}V${bottom}"/>`),
    ...ys.map((at) => `<path class="grid" d="M${edge.left} ${at}H${right}"/>`),
    `<path class="axis" d="M${edge.left} ${edge.top}V${bottom}H${right}" fill="none"/>`,
    ...across.ticks.map((tick) => label(across.at(tick), bottom + 16, short(tick), 'middle')),
    ...up.ticks.map((tick) => label(edge.left - 6, up.at(tick) + 4, plain(tick), 'end')),
    ...series.map((each) => line(each, across.at, up.at)),
    ...ends(series, across.at, up.at, unit),
    label((edge.left + right) / 2, height - 12, escaped(x), 'middle'),
    `<text transform="translate(18 ${(edge.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
  ].join('\n')
}

function line({ colour, mark, points }, across, up) {
  const path = points.map(([at, value]) => `${across(at)} ${up(value)}`).join('L')
  const marks = points.map(([at, value]) => marker(mark, colour, across(at), up(value)))
  return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"${dashed(mark)}/>${marks.join('')}`
}

/** Writes the last figure of every line beside its end, none over another. */
function ends(series, across, up, unit) {
  const last = series
    .filter(({ points }) => points.length > 0)
    .map(({ colour, points }) => {
      const [at, value] = points[points.length - 1] ?? [NaN, NaN]
      return { colour, x: across(at) + 8, y: up(value) + 4, text: `${number(value)} ${unit}` }
    })
    .sort((a, b) => a.y - b.y)
  last.forEach((each, index) => {
    const above = last[index - 1]
    if (above !== undefined) each.y = Math.max(each.y, above.y + 13)
  })
  return last.map(
    ({ colour, x, y, text }) => `<text x="${x}" y="${y}" fill="${colour}" font-weight="bold">${text}</text>`,
  )
}

function legend({ name, colour, mark }, x) {
  const stroke = `<path d="M${x} 40h24" stroke="${colour}" stroke-width="2"${dashed(mark)}/>`
  return `${stroke}${marker(mark, colour, x + 12, 40)}<text x="${x + 30}" y="44" fill="${colour}">${escaped(name)}</text>`
}

/** Four fit in beside each other where their names are short. */
const legendStep = (count) => Math.min(130, (width - edge.left) / count)

/** Not by colour alone: some see no difference between these. */
const dashes = { dot: '', square: '5 3', triangle: '2 3', diamond: '9 3 2 3' }
const dashed = (mark) => (dashes[mark] ? ` stroke-dasharray="${dashes[mark]}"` : '')

function marker(mark, colour, x, y) {
  if (mark === 'dot') return `<circle cx="${x}" cy="${y}" r="3.5" fill="${colour}"/>`
  if (mark === 'square')
    return `<rect x="${round(x - 3)}" y="${round(y - 3)}" width="6" height="6" fill="${colour}"/>`
  if (mark === 'triangle') return `<path d="M${round(x - 4)} ${round(y + 3)}h8l-4 -7z" fill="${colour}"/>`
  return `<path d="M${round(x - 4)} ${y}l4 -4 4 4 -4 4z" fill="${colour}"/>`
}

const label = (x, y, text, anchor) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`

/** Returns a logarithmic scale from and to round numbers: powers of ten, where these are few with 2 and 5 times them. */
function scale(values, [from, to]) {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const fine = Math.log10(most / least) < 2
  const steps = fine ? [1, 2, 5] : [1]
  const all = Array.from({ length: 18 }, (_, index) => index - 6).flatMap((power) =>
    steps.map((step) => step * 10 ** power),
  )
  const below = all.filter((tick) => tick <= least * 1.0001).length - 1
  const above = all.findIndex((tick) => tick >= most * 0.9999)
  const ticks = all.slice(Math.max(0, below), Math.max(above, below + 1) + 1)
  const [low, high] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks[ticks.length - 1] ?? 10)]
  return { ticks, at: (value) => round(from + ((Math.log10(value) - low) / (high - low)) * (to - from)) }
}

const round = (value) => Number(value.toFixed(1))

const plain = (value) => Number(value.toPrecision(1)).toLocaleString('en')

function short(value) {
  if (value >= 1_000_000) return `${value / 1_000_000}M`
  return value >= 1000 ? `${value / 1000}k` : plain(value)
}

const number = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
