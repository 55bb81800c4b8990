/** Details beside a list, and the panes that are pages. */
export const panels = `
.side { display: flex; flex-direction: column; width: min(440px, 42%); flex: none; min-height: 0; border-left: 1px solid var(--line); background: var(--bg); }
.side-head { display: flex; align-items: center; gap: 8px; min-height: 40px; padding: 0 8px 0 14px; border-bottom: 1px solid var(--line); }
.side-head h2 { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.side-body { flex: 1; min-height: 0; overflow: auto; padding: 12px 14px 24px; }
.subject { font-size: 13px; }
.inspector p.subject { margin-bottom: 8px; }
.subject-type { color: var(--text-faint); font-weight: 500; }
.subject-key { font-family: var(--mono); font-size: 12px; overflow-wrap: anywhere; }
.actions { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0 10px; }

.facts > div { display: flex; gap: 12px; padding: 3px 0; }
.facts dt { width: 96px; flex: none; color: var(--text-faint); }
.facts dd { min-width: 0; overflow-wrap: anywhere; }
.side .facts dd { font-family: var(--mono); font-size: 11.5px; }

.json { max-height: 420px; overflow: auto; padding: 10px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--bg-soft); font: 11.5px/1.6 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 2; }
.inspector pre.json { padding: 10px 12px; }
.json-key { color: var(--violet); }
.json-string { color: var(--green); }
.json-number { color: var(--blue); }
.json-word { color: var(--amber); }
.json-mark { color: var(--text-faint); }

.changes li { display: flex; flex-wrap: wrap; gap: 2px 8px; padding: 2px 0; font-family: var(--mono); font-size: 11.5px; }
.changes .field { color: var(--violet); font-weight: 500; }
.changes del, .changes ins { padding: 0 5px; border-radius: 4px; text-decoration: none; overflow-wrap: anywhere; }
.changes del { background: var(--red-soft); color: var(--red); text-decoration: line-through; }
.changes ins { background: var(--green-soft); color: var(--green); }

.fields, .sizes { width: 100%; border-collapse: collapse; }
.fields th, .fields td { padding: 5px 8px 5px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.fields thead th, .sizes thead th { color: var(--text-faint); font-size: 11px; font-weight: 500; }
.fields tbody th { width: 26%; color: var(--violet); font: 500 11.5px/1.6 var(--mono); }
.fields td { font: 11.5px/1.6 var(--mono); }
.fields td.by { width: 32%; font: inherit; color: var(--text-faint); }

.history { border-left: 1px solid var(--line-strong); margin-left: 4px; }
.inspector .history { margin-left: 4px; }
.history > li { position: relative; padding: 2px 0 10px 16px; }
.history > li::before { content: ''; position: absolute; left: -4px; top: 9px; width: 7px; height: 7px; border-radius: 50%; background: var(--line-strong); box-shadow: 0 0 0 3px var(--bg); }
.history-head { display: flex; align-items: center; flex-wrap: wrap; gap: 4px 8px; }

.editor { margin-bottom: 14px; padding: 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--bg-soft); }
.editor label { color: var(--text-faint); }
.editor textarea { width: 100%; margin: 6px 0; padding: 8px 10px; border: 1px solid var(--line-strong); border-radius: 6px; background: var(--bg); font: 11.5px/1.6 var(--mono); resize: vertical; }
.editor .actions { margin-bottom: 0; }

.cards { display: grid; gap: 10px; max-width: 980px; }
.card { padding: 10px 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--bg); }
.card > * + * { margin-top: 8px; }
.inspector .card > p + p, .inspector .card > ol, .inspector .card > pre, .inspector .card > dl { margin-top: 8px; }
.card-head { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; min-height: 20px; }
.steps { display: flex; flex-wrap: wrap; gap: 4px 14px; }
.step { display: flex; gap: 6px; }
.step::before { content: ''; align-self: center; width: 6px; height: 6px; border-radius: 50%; background: var(--text-faint); }
.step-confirmed::before { background: #17a568; }
.step-failed::before { background: #e0473d; }
.step-retry::before { background: #e59a1b; }
.step-acknowledged::before { background: #22a5b5; }
.written { padding-left: 10px; border-left: 2px solid var(--line); }

.life-bar { display: flex; gap: 1px; height: 8px; margin-bottom: 12px; overflow: hidden; border-radius: 4px; background: var(--line); }
.life-part { min-width: 2px; flex-basis: 0; }
.life li { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 10px; padding: 5px 0; border-bottom: 1px solid var(--line); }
.life-name { width: 104px; font-weight: 500; }
.life .problem { width: 100%; }

.figures { display: flex; flex-wrap: wrap; gap: 10px 28px; }
.figure { display: grid; }
.figure strong { font-size: 19px; font-weight: 600; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.figure span { color: var(--text-faint); }
.spark { display: flex; align-items: flex-end; gap: 2px; height: 72px; margin-top: 16px; padding: 0 0 1px; border-bottom: 1px solid var(--line-strong); }
.spark span { flex: 1; min-height: 1px; border-radius: 2px 2px 0 0; background: var(--accent); }
.sizes th, .sizes td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; font-variant-numeric: tabular-nums; }
.sizes tbody th { font-weight: 500; }
.share { display: block; width: 120px; height: 6px; overflow: hidden; border-radius: 3px; background: var(--bg-sunk); }
.share span { display: block; height: 100%; background: var(--accent); }

@container inspector (max-width: 700px) {
  .side { position: absolute; inset: 0; z-index: 4; width: 100%; border-left: 0; }
  .page { padding: 12px 12px 24px; overflow-x: auto; }
}
`
