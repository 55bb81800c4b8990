const width = 420
const height = 300
const edge = { left: 64, right: 16, top: 40, bottom: 44 }

/**
 * Draws one plot with logarithmic axes.
 * @param {{ title: string, x: string, y: string, series: { name: string, colour: string, points: [number, number][] }[] }} plot
 */
function panel({ title, x, y, series }) {
  const points = series.flatMap((each) => each.points)
  const across = scale(
    points.map(([at]) => at),
    [edge.left, width - edge.right],
  )
  const up = scale(
    points.map(([, value]) => value),
    [height - edge.bottom, edge.top],
  )
  const grid = [
    ...across.ticks.map(
      (tick) =>
        `<path class="grid" d="M${across.at(tick)} ${edge.top}V${height - edge.bottom}"/><text x="${across.at(tick)}" y="${height - edge.bottom + 16}" text-anchor="middle">${short(tick)}</text>`,
    ),
    ...up.ticks.map(
      (tick) =>
        `<path class="grid" d="M${edge.left} ${up.at(tick)}H${width - edge.right}"/><text x="${edge.left - 6}" y="${up.at(tick) + 4}" text-anchor="end">${short(tick)}</text>`,
    ),
  ]
  const lines = series.map(({ colour, points: own }) => {
    const path = own.map(([at, value]) => `${across.at(at)} ${up.at(value)}`)
    const dots = own.map(
      ([at, value]) => `<circle cx="${across.at(at)}" cy="${up.at(value)}" r="3" fill="${colour}"/>`,
    )
    return `<path d="M${path.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}`
  })
  const legend = series.map(
    ({ name, colour }, index) =>
      `<text x="${edge.left + index * 110}" y="34" fill="${colour}" font-weight="bold">${name}</text>`,
  )
  return [
    `<text x="${edge.left}" y="18" font-size="14" font-weight="bold">${title}</text>`,
    ...legend,
    ...grid,
    ...lines,
    `<text x="${(edge.left + width - edge.right) / 2}" y="${height - 8}" text-anchor="middle">${x}</text>`,
    `<text transform="translate(14 ${height / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
  ].join('\n')
}

/** Draws plots side by side, two a row. */
export function drawing(plots) {
  const rows = Math.ceil(plots.length / 2)
  const panels = plots.map(
    (plot, index) =>
      `<g transform="translate(${(index % 2) * width} ${Math.floor(index / 2) * height})">\n${panel(plot)}\n</g>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * width} ${rows * height}" font-family="system-ui, sans-serif" font-size="12" fill="#444">
<style>.grid{stroke:#ddd;stroke-width:1}</style>
<rect width="100%" height="100%" fill="#fff"/>
${panels.join('\n')}
</svg>
`
}

function scale(values, [from, to]) {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    at: (value) => Number((from + ((Math.log10(value) - low) / (high - low)) * (to - from)).toFixed(1)),
  }
}

function short(value) {
  if (value >= 1_000_000) return `${value / 1_000_000}M`
  return value >= 1000 ? `${value / 1000}k` : String(Number(value.toPrecision(1)))
}
