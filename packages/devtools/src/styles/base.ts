/** Colours of both themes, type, and what every part is made of. */
export const base = `
.inspector, .dock, .opener, .whole { box-sizing: border-box; }
.inspector *, .dock *, .opener * { box-sizing: border-box; }

[data-theme] {
  --font: 'Inter', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  --mono: ui-monospace, 'SF Mono', 'JetBrains Mono', 'Cascadia Code', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
  --bg: #ffffff;
  --bg-soft: #f7f8fa;
  --bg-sunk: #f0f2f5;
  --bg-hover: #f3f5f9;
  --bg-active: #eaeefc;
  --line: #e3e6eb;
  --line-strong: #cdd2da;
  --text: #181c24;
  --text-soft: #4d5666;
  --text-faint: #616a7a;
  --accent: #4338ca;
  --accent-soft: #e8e7fc;
  --on-accent: #ffffff;
  --focus: #6366f1;
  --green: #0b6b45;   --green-soft: #e0f4ea;
  --blue: #1a56b8;    --blue-soft: #e3edfc;
  --teal: #0d6570;    --teal-soft: #def2f4;
  --red: #b3261e;     --red-soft: #fdeceb;
  --amber: #8a5300;   --amber-soft: #fdf1dc;
  --violet: #6b35b5;  --violet-soft: #f0e8fb;
  --grey-soft: #eceff3;
  --shadow: 0 -1px 0 var(--line), 0 -12px 40px rgb(16 24 40 / 14%);
  color-scheme: light;
}
[data-theme='dark'] {
  --bg: #11141a;
  --bg-soft: #161a21;
  --bg-sunk: #0c0f14;
  --bg-hover: #1b2029;
  --bg-active: #232a45;
  --line: #252b36;
  --line-strong: #3a4250;
  --text: #e6e9ef;
  --text-soft: #b3bac7;
  --text-faint: #919aaa;
  --accent: #a5a8ff;
  --accent-soft: #282b52;
  --on-accent: #10121c;
  --focus: #8b8ff8;
  --green: #6ad8a4;   --green-soft: #12322a;
  --blue: #85b6ff;    --blue-soft: #16294a;
  --teal: #6fd0da;    --teal-soft: #113037;
  --red: #ff968d;     --red-soft: #3d1b1e;
  --amber: #f2bd6b;   --amber-soft: #38290f;
  --violet: #c8a4fb;  --violet-soft: #2d2145;
  --grey-soft: #232833;
  --shadow: 0 -1px 0 var(--line), 0 -12px 48px rgb(0 0 0 / 55%);
  color-scheme: dark;
}

.inspector {
  position: relative;
  display: flex;
  flex-direction: column;
  height: 100%;
  min-height: 0;
  overflow: hidden;
  container: inspector / inline-size;
  background: var(--bg);
  color: var(--text);
  font: 12px/1.5 var(--font);
  font-feature-settings: 'cv05', 'tnum';
  letter-spacing: 0;
  text-align: left;
  -webkit-font-smoothing: antialiased;
}
.inspector h1, .inspector h2, .inspector h3, .inspector p, .inspector ul, .inspector ol, .inspector dl, .inspector dd, .inspector pre {
  margin: 0; padding: 0;
}
.inspector h2 { font-size: 12.5px; font-weight: 600; letter-spacing: -.005em; }
.inspector h3 { margin: 14px 0 6px; color: var(--text-faint); font-size: 10.5px; font-weight: 600; letter-spacing: .05em; text-transform: uppercase; }
.inspector ul, .inspector ol { list-style: none; }
.inspector code, .mono { font-family: var(--mono); font-size: 11.5px; }
.inspector code { padding: 1px 5px; border-radius: 4px; background: var(--grey-soft); color: var(--text); }
:where(.inspector button, .inspector input, .inspector textarea) { font: inherit; letter-spacing: inherit; color: inherit; }
.inspector :focus-visible, .dock :focus-visible, .opener:focus-visible { outline: 2px solid var(--focus); outline-offset: -1px; }
.inspector .space { flex: 1; }

.icon { width: 14px; height: 14px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.4; stroke-linecap: round; stroke-linejoin: round; }

.button {
  display: inline-flex; align-items: center; gap: 5px;
  height: 26px; padding: 0 9px;
  border: 1px solid var(--line); border-radius: 6px;
  background: var(--bg); color: var(--text-soft);
  font-weight: 500; white-space: nowrap; cursor: pointer;
}
.button:hover { border-color: var(--line-strong); background: var(--bg-hover); color: var(--text); }
.button:active { background: var(--bg-sunk); }
.button:disabled { opacity: .45; cursor: default; }
.button[aria-pressed='true'] { border-color: transparent; background: var(--accent-soft); color: var(--accent); }
.button.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); }
.button.danger { color: var(--red); }
.icon-button { width: 26px; padding: 0; justify-content: center; border-color: transparent; background: none; }

.link { padding: 2px 0; border: 0; background: none; color: var(--accent); font-weight: 500; text-decoration: none; cursor: pointer; }
.inspector .link.mono { font-family: var(--mono); font-size: 11px; }
.link:hover { text-decoration: underline; }

.badge {
  display: inline-flex; align-items: center; height: 18px; padding: 0 6px; border-radius: 4px;
  background: var(--grey-soft); color: var(--text-soft);
  font-size: 11px; font-weight: 500; line-height: 1; white-space: nowrap;
}
.badge-insert, .badge-confirmed { background: var(--green-soft); color: var(--green); }
.badge-update { background: var(--blue-soft); color: var(--blue); }
.badge-upsert, .badge-acknowledged, .badge-sending { background: var(--teal-soft); color: var(--teal); }
.badge-delete, .badge-failed, .badge-invalid, .badge-refused { background: var(--red-soft); color: var(--red); }
.badge-pending, .badge-queued { background: var(--amber-soft); color: var(--amber); }
.badge-reset, .badge-snapshot-start, .badge-snapshot-end, .badge-restart { background: var(--violet-soft); color: var(--violet); }

.count {
  display: inline-block; min-width: 18px; padding: 0 5px; border-radius: 9px;
  background: var(--grey-soft); color: var(--text-soft);
  font-size: 10.5px; font-weight: 500; line-height: 16px; text-align: center; font-variant-numeric: tabular-nums;
}
.count-invalid { background: var(--red-soft); color: var(--red); }
.count-writes { background: var(--amber-soft); color: var(--amber); }

.inspector kbd {
  display: inline-flex; align-items: center; justify-content: center;
  min-width: 18px; height: 18px; padding: 0 4px;
  border: 1px solid var(--line-strong); border-bottom-width: 2px; border-radius: 4px;
  background: var(--bg-soft); color: var(--text-soft);
  font: 500 10.5px/1 var(--font);
}

.by, .hint, .note { color: var(--text-faint); }
.empty { padding: 40px 24px; color: var(--text-faint); text-align: center; }
.inspector p.empty { padding: 40px 24px; }
.problem { color: var(--red); overflow-wrap: anywhere; }
.inspector p.problem { padding: 6px 9px; border-radius: 6px; background: var(--red-soft); }

.dot { display: inline-block; width: 8px; height: 8px; flex: none; border-radius: 50%; background: var(--text-faint); }
.dot-live { background: #17a568; }
.dot-connecting, .dot-catching-up { background: #3b82f6; }
.dot-reconnecting, .dot-offline, .dot-needs-auth { background: #e59a1b; }
.dot-failed { background: #e0473d; }
.dot-closed, .dot-ended, .dot-idle { background: #8b94a3; }

@media (prefers-reduced-motion: no-preference) {
  .inspector .button, .tab, .chip { transition: background-color .12s, border-color .12s, color .12s; }
  .twist .icon { transition: transform .12s; }
  .toast { transition: opacity .15s, transform .15s; }
}
`
