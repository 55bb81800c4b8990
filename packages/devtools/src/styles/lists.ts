/** The timeline and the tables. */
export const lists = `
.split { display: flex; height: 100%; min-height: 0; position: relative; }
.main { display: flex; flex: 1; flex-direction: column; min-width: 0; min-height: 0; }

.bar { display: flex; align-items: center; gap: 10px; min-height: 40px; padding: 6px 12px; border-bottom: 1px solid var(--line); background: var(--bg-soft); }
.bar-title { font-family: var(--mono); }
.search { position: relative; display: flex; align-items: center; flex: 0 1 300px; min-width: 150px; }
.search .icon { position: absolute; left: 8px; color: var(--text-faint); pointer-events: none; }
.search kbd { position: absolute; right: 5px; pointer-events: none; }
.search input { width: 100%; height: 26px; padding: 0 26px 0 27px; border: 1px solid var(--line); border-radius: 6px; background: var(--bg); }
.search input::placeholder { color: var(--text-faint); opacity: 1; }
.search input::-webkit-search-cancel-button { display: none; }
.search input:hover { border-color: var(--line-strong); }
.chips { display: flex; gap: 4px; min-width: 0; overflow-x: auto; scrollbar-width: none; }
.chip { display: inline-flex; align-items: center; gap: 5px; height: 24px; padding: 0 8px; border: 1px solid var(--line); border-radius: 12px; background: var(--bg); color: var(--text-soft); font-size: 11.5px; white-space: nowrap; cursor: pointer; }
.chip:hover { border-color: var(--line-strong); color: var(--text); }
.chip .count { padding: 0; background: none; color: var(--text-faint); }
.chip[aria-pressed='true'], .chip[aria-pressed='true'] .count { border-color: var(--accent); background: var(--accent-soft); color: var(--accent); }
.matches { color: var(--text-faint); font-size: 11.5px; font-variant-numeric: tabular-nums; white-space: nowrap; }

.columns, .scroll:not(.table) .line { display: grid; grid-template-columns: 72px 96px 104px minmax(80px, .7fr) minmax(90px, 1fr) minmax(160px, 3fr) 96px 62px; align-items: center; column-gap: 10px; padding: 0 12px; }
.columns { height: 26px; flex: none; border-bottom: 1px solid var(--line); color: var(--text-faint); font-size: 11px; font-weight: 500; }
.scroll { position: relative; flex: 1; min-height: 0; overflow: auto; overflow-anchor: none; }
.scroll:focus-visible { outline-offset: -2px; }
.canvas { position: relative; overflow: hidden; }
.line { position: absolute; inset: 0 0 auto 0; cursor: default; }
.scroll:not(.table) .line { border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); }
.line:hover { background: var(--bg-hover); }
.line.active { background: var(--bg-active); box-shadow: inset 2px 0 0 var(--accent); }
.line[aria-selected='true'] { background: var(--bg-active); }
.line-group { font-weight: 500; }
.line.later { opacity: .45; }
.line.later .cell, .line.later .badge { filter: saturate(.4); }
.cell { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.cell-number, .cell-time, .cell-size { color: var(--text-faint); font-size: 11.5px; font-variant-numeric: tabular-nums; }
.cell-number, .cell-size { text-align: right; }
.cell-effect { display: flex; align-items: center; gap: 4px; }
.columns .cell-effect { display: block; }
.cell-type { font-weight: 500; }
.cell-key, .cell-value, .cell-txid { font-family: var(--mono); font-size: 11.5px; }
.columns .cell-key, .columns .cell-value { font: inherit; }
.cell-value, .cell-who { color: var(--text-soft); }
.line-group .cell-txid { grid-column: span 2; color: var(--text-soft); font-weight: 400; }
.line-group .cell-value { font-family: var(--font); font-weight: 400; }
.indent { width: 12px; height: 100%; flex: none; }
.twist { display: inline-grid; color: var(--text-faint); }
.twist .icon { width: 12px; height: 12px; }
.twist.open .icon { transform: rotate(90deg); }

.list { width: 190px; flex: none; overflow: auto; padding: 8px; border-right: 1px solid var(--line); background: var(--bg-soft); }
.list [role='tablist'] { display: grid; gap: 2px; }
.list-item { display: flex; align-items: center; justify-content: space-between; gap: 8px; min-height: 28px; padding: 0 8px; border: 0; border-radius: 6px; background: none; font-weight: 500; text-align: left; cursor: pointer; }
.list-item:hover { background: var(--bg-hover); }
.list-item[aria-selected='true'] { background: var(--accent-soft); color: var(--accent); }
.list-item[aria-selected='true'] .count { background: none; color: var(--accent); }
.list-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

.table-head, .table .line { display: grid; align-items: center; width: 100%; }
.table-head { position: sticky; top: 0; z-index: 2; height: 28px; border-bottom: 1px solid var(--line); background: var(--bg-soft); }
.table .canvas { width: 100%; }
.table .line { border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); }
.table .cell { padding: 0 12px; font-family: var(--mono); font-size: 11.5px; }
.table .cell:first-child { color: var(--text); font-weight: 500; }
.sort { display: flex; align-items: center; gap: 6px; width: 100%; height: 28px; padding: 0 12px; border: 0; background: none; color: var(--text-soft); font-size: 11.5px; font-weight: 500; cursor: pointer; }
.sort:hover { color: var(--text); background: var(--bg-hover); }
.arrow { font-size: 8px; color: var(--accent); }
.kind-number { color: var(--blue); text-align: left; }
.kind-boolean, .kind-null { color: var(--violet); }
.table .line.pending { background: var(--amber-soft); }
.table .line.open { background: var(--bg-active); }

@container inspector (max-width: 1000px) {
  .columns, .scroll:not(.table) .line { grid-template-columns: 56px 96px minmax(70px, .8fr) minmax(80px, 1fr) minmax(100px, 2fr) 56px; }
  .cell-time, .cell-who { display: none; }
  .bar { flex-wrap: wrap; }
}
@container inspector (max-width: 700px) {
  .columns { display: none; }
  .scroll:not(.table) .line { grid-template-columns: 92px minmax(60px, auto) minmax(60px, 1fr) minmax(60px, 1.4fr); }
  .cell-number, .scroll:not(.table) .cell-size { display: none; }
  .split:has(> .list) { flex-direction: column; }
  .list { width: 100%; flex: none; padding: 6px 8px; border-right: 0; border-bottom: 1px solid var(--line); }
  .list [role='tablist'] { display: flex; overflow-x: auto; }
  .search { flex: 1 1 100%; }
}
`
