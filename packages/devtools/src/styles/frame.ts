/** The sheet, the header with its tabs, the slider, dialogs, the page of its own. */
export const frame = `
.opener {
  position: fixed; right: 16px; bottom: 16px; z-index: 2147483000;
  width: 40px; height: 40px; padding: 0; border: 0; border-radius: 12px;
  background: #4338ca; color: #fff; cursor: pointer;
  box-shadow: 0 1px 2px rgb(16 24 40 / 30%), 0 6px 20px rgb(67 56 202 / 35%);
}
.opener:hover { background: #3730a3; }
.opener svg { width: 22px; height: 22px; margin-top: 2px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; }

.dock { position: fixed; inset: auto 0 0 0; z-index: 2147483000; max-height: 100%; background: var(--bg); box-shadow: var(--shadow); }
.grip { position: absolute; inset: -4px 0 auto 0; z-index: 3; height: 9px; cursor: ns-resize; touch-action: none; }
.grip::after { content: ''; position: absolute; inset: 4px 0 auto 0; height: 2px; background: transparent; }
.grip:hover::after, .grip:focus-visible::after { background: var(--focus); }
.full { height: 100vh; height: 100dvh; }
:root:has(.whole), :root:has(.whole) body { margin: 0; height: 100%; }

.head { display: flex; align-items: center; gap: 4px 14px; min-height: 44px; padding: 0 10px 0 14px; border-bottom: 1px solid var(--line); background: var(--bg); }
.brand { display: flex; align-items: center; gap: 9px; min-width: 0; }
.inspector .brand h1 { font-size: 13px; font-weight: 650; letter-spacing: -.015em; }
.mark { width: 20px; height: 20px; flex: none; }
.mark rect { fill: #4f46e5; }
.mark path { fill: none; stroke: #fff; stroke-width: 1.7; stroke-linecap: round; }
.stream { max-width: 220px; overflow: hidden; color: var(--text-faint); text-overflow: ellipsis; white-space: nowrap; }
.status { display: inline-flex; align-items: center; gap: 6px; height: 22px; padding: 0 9px 0 8px; border: 1px solid var(--line); border-radius: 11px; color: var(--text-soft); font-size: 11.5px; font-weight: 500; white-space: nowrap; }
.tabs { display: flex; align-self: stretch; gap: 2px; margin: 0 auto 0 6px; min-width: 0; overflow-x: auto; scrollbar-width: none; }
.tab { position: relative; display: inline-flex; align-items: center; gap: 6px; padding: 0 10px; border: 0; background: none; color: var(--text-faint); font-weight: 500; white-space: nowrap; cursor: pointer; }
.tab:hover { color: var(--text); }
.tab[aria-selected='true'] { color: var(--text); }
.tab[aria-selected='true']::after { content: ''; position: absolute; inset: auto 8px -1px 8px; height: 2px; border-radius: 2px 2px 0 0; background: var(--accent); }
.tools { display: flex; gap: 2px; margin-left: auto; }
.address { display: flex; gap: 6px; min-width: 0; }
.address input { width: min(380px, 34cqw); height: 26px; padding: 0 9px; border: 1px solid var(--line); border-radius: 6px; background: var(--bg-soft); text-overflow: ellipsis; }
.banner { display: flex; gap: 10px; align-items: center; padding: 6px 14px; border-bottom: 1px solid var(--line); background: var(--amber-soft); color: var(--amber); }
.inspector .banner { padding: 6px 14px; }

.pane { flex: 1; min-height: 0; overflow: hidden; }
.page { height: 100%; overflow: auto; padding: 16px 18px 28px; }
.page > section { max-width: 980px; margin: 0 0 26px; }
.page > section > h2, .page > h2 { display: flex; align-items: center; gap: 8px; margin-bottom: 10px; font-size: 13px; }
.welcome { display: grid; align-content: center; justify-items: center; gap: 14px; height: 100vh; padding: 20px; }
.inspector.welcome h1 { font-size: 22px; letter-spacing: -.02em; }

.time { display: flex; align-items: center; gap: 4px; height: 42px; padding: 0 12px; border-top: 1px solid var(--line); background: var(--bg-soft); }
.time .live { margin-right: 4px; background: none; }
.live-dot { width: 7px; height: 7px; border-radius: 50%; background: var(--text-faint); }
.live[aria-pressed='true'] .live-dot { background: #17a568; }
.time .live[aria-pressed='true'] { background: var(--green-soft); color: var(--green); }
.time input[type='range'] { flex: 1; min-width: 60px; height: 26px; margin: 0 6px; appearance: none; background: none; cursor: pointer; }
.time input::-webkit-slider-runnable-track { height: 4px; border-radius: 2px; background: var(--line-strong); }
.time input::-moz-range-track { height: 4px; border-radius: 2px; background: var(--line-strong); }
.time input::-webkit-slider-thumb { appearance: none; width: 14px; height: 14px; margin-top: -5px; border: 3px solid var(--bg); border-radius: 50%; background: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.time input::-moz-range-thumb { width: 8px; height: 8px; border: 3px solid var(--bg); border-radius: 50%; background: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.where { min-width: 150px; color: var(--text-faint); font-size: 11.5px; font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }

.toast { position: absolute; left: 50%; bottom: 56px; z-index: 6; max-width: 80%; padding: 7px 12px; border-radius: 8px; background: var(--text); color: var(--bg); font-weight: 500; opacity: 0; transform: translate(-50%, 6px); pointer-events: none; }
.inspector .toast { padding: 7px 12px; }
.toast.shown { opacity: 1; transform: translate(-50%, 0); }
.overlay { position: absolute; inset: 0; z-index: 5; display: grid; place-items: center; padding: 12px; background: rgb(10 12 18 / 45%); }
.dialog { width: min(440px, 100%); max-height: 100%; overflow: auto; border: 1px solid var(--line); border-radius: 12px; background: var(--bg); box-shadow: 0 20px 60px rgb(0 0 0 / 35%); }
.keys { padding: 6px 16px 16px; }
.inspector .keys { padding: 6px 16px 16px; }
.keys > div { display: flex; align-items: center; gap: 12px; min-height: 30px; border-bottom: 1px solid var(--line); }
.keys > div:last-child { border: 0; }
.keys dt { display: flex; gap: 4px; width: 130px; flex: none; }

@container inspector (max-width: 1000px) {
  .head { flex-wrap: wrap; padding: 8px 10px 0 12px; }
  .tabs { order: 3; width: 100%; height: 34px; margin: 0 -4px; }
  .brand { flex: 1; }
  .where { min-width: 0; }
}
@container inspector (max-width: 560px) {
  .inspector .brand h1 { display: none; }
  .address { flex: 1; }
  .address input { width: 100%; min-width: 60px; }
  .status { width: 22px; padding: 0; justify-content: center; }
  .status-name { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stream { max-width: 34cqw; }
  .time { flex-wrap: wrap; height: auto; padding: 6px 10px; }
  .where { order: 5; width: 100%; text-align: left; }
}
`
