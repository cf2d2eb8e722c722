/** The style sheet of the report: light and dark, wide and narrow, on screen and on paper. */

/** CSS of the whole page; it names nothing outside the file. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --panel: #ffffff; --ink: #1c2126; --soft: #5c656e; --line: #e2e4e3;
  --accent: #0b6e78; --mark: #e3f1f1; --good: #17693f; --bad: #a4381f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --panel: #1b2024; --ink: #e6e8e9; --soft: #9aa4ac; --line: #30373c;
    --accent: #5cc3cc; --mark: #1d3438; --good: #74c796; --bad: #ee9279;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 72rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 2.5rem) 4rem; }
h1, h2, h3, p, ol, ul, dl, dd, figure { margin: 0; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.5rem); line-height: 1.15; letter-spacing: -0.02em; font-weight: 650; max-width: 24em; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; letter-spacing: -0.01em; font-weight: 650; }
h3 { font-size: 1rem; font-weight: 600; overflow-wrap: anywhere; }
section { margin-top: 3.25rem; }
section > h3 { margin-top: 1.75rem; }
.note, .eyebrow, small { color: var(--soft); font-size: 0.875rem; }
.eyebrow { margin-bottom: 0.75rem; overflow-wrap: anywhere; }
.note { max-width: 46em; margin-top: 0.25rem; }
.lede { font-size: 1.125rem; max-width: 40em; margin-top: 1rem; overflow-wrap: anywhere; }
.good { color: var(--good); }
.bad { color: var(--bad); }
code { font: 0.875em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px; margin-top: 2rem; background: var(--panel); border: 1px solid var(--line); border-radius: 0.6rem; overflow: hidden; }
.tiles div { box-shadow: 0 0 0 1px var(--line); padding: 0.9rem 1.1rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tiles dt { color: var(--soft); font-size: 0.8125rem; line-height: 1.35; }
.tiles dd { font-size: 1.6rem; font-weight: 600; letter-spacing: -0.02em; line-height: 1.3; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; margin-top: 0.9rem; border: 1px solid var(--line); border-radius: 0.6rem; background: var(--panel); }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.5rem 0.9rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 0.8125rem; }
th:first-child, td:first-child, .words, .family { text-align: left; }
.family { color: var(--soft); }
td.words { white-space: normal; min-width: 12rem; overflow-wrap: anywhere; }
table.weights td:last-child { min-width: 26rem; }
tbody th { font-weight: 500; }
tr.served th, tr.served td { font-weight: 650; }
tr.best th, tr.best td { background: var(--mark); }
tr.baseline th { color: var(--soft); font-weight: 400; }
.badge { margin-left: 0.5rem; padding: 0.05rem 0.45rem; border-radius: 1rem; background: var(--accent); color: var(--paper); font-size: 0.72rem; font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; margin-top: 0.75rem; padding: 0; list-style: none; color: var(--soft); font-size: 0.875rem; }
.legend i { display: inline-block; width: 1.4rem; height: 0.7rem; margin-right: 0.4rem; vertical-align: -0.02rem; border-radius: 2px; color: var(--accent); }
.legend .key-history, .legend .key-forecast { height: 0; border-top: 2px solid var(--ink); border-radius: 0; vertical-align: 0.25rem; }
.legend .key-forecast { border-color: var(--accent); }
.legend .key-95 { background: color-mix(in srgb, var(--accent) 14%, var(--panel)); }
.legend .key-80 { background: color-mix(in srgb, var(--accent) 29%, var(--panel)); }
.legend .key-50 { background: color-mix(in srgb, var(--accent) 46%, var(--panel)); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; margin-top: 1rem; }
.charts figure { background: var(--panel); border: 1px solid var(--line); border-radius: 0.6rem; padding: 0.8rem 0.6rem 0.2rem; min-width: 0; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: 0 0.5rem; overflow-wrap: anywhere; }
figcaption strong { font-weight: 600; }
.nothing { padding: 3rem 0.5rem; text-align: center; color: var(--soft); }
svg.fan { display: block; width: 100%; height: auto; color: var(--soft); font-family: inherit; font-size: 11.5px; font-variant-numeric: tabular-nums; overflow: visible; }
@media (max-width: 30rem) { svg.fan { font-size: 14px; } }
svg.fan text { white-space: pre; }
svg.fan .grid { stroke: var(--line); stroke-opacity: 1; }
svg.fan .history { stroke: var(--ink); stroke-width: 1.4; }
svg.fan .lone { stroke: none; fill: var(--ink); }
svg.fan .forecast { stroke: var(--accent); stroke-width: 2; }
svg.fan .band { fill: var(--accent); }
svg.fan .band-95 { fill-opacity: 0.14; }
svg.fan .band-80 { fill-opacity: 0.18; }
svg.fan .band-50 { fill-opacity: 0.24; }
svg.fan .origin { stroke: var(--soft); stroke-dasharray: 2 3; }
.bar { display: inline-block; width: 7rem; height: 0.5rem; margin-right: 0.7rem; border-radius: 1rem; background: var(--line); overflow: hidden; vertical-align: 0.08rem; text-align: left; }
.bar i { display: block; height: 100%; background: var(--accent); }
.timeline { list-style: none; padding: 0; margin-top: 1.25rem; }
.timeline > li { position: relative; padding: 0 0 1.5rem 3rem; border-left: 1px solid var(--line); margin-left: 0.9rem; }
.timeline > li:last-child { padding-bottom: 0; }
.step { position: absolute; left: -0.9rem; top: 0; width: 1.8rem; height: 1.8rem; line-height: 1.8rem; border-radius: 50%; text-align: center; font-size: 0.8rem; font-weight: 600; background: var(--accent); color: var(--paper); font-variant-numeric: tabular-nums; }
.quiet { color: var(--soft); font-size: 0.875rem; }
.quiet h3 { font-size: inherit; font-weight: 500; }
.quiet .step { left: -0.7rem; width: 1.4rem; height: 1.4rem; line-height: 1.3rem; background: var(--paper); color: var(--soft); border: 1px solid var(--line); font-size: 0.72rem; font-weight: 400; }
.who { display: flex; flex-wrap: wrap; gap: 0 0.8rem; color: var(--soft); font-size: 0.8125rem; }
.why { max-width: 46em; overflow-wrap: anywhere; }
.evidence { display: flex; flex-wrap: wrap; gap: 0.35rem 1.4rem; margin-top: 0.5rem; font-size: 0.84rem; line-height: 1.4; }
.evidence div { max-width: 100%; }
.evidence dt { color: var(--soft); font-size: 0.75rem; }
.evidence dd { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
details { margin-top: 0.5rem; font-size: 0.875rem; }
.quiet details { margin-top: 0.1rem; font-size: inherit; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
.quiet summary { color: inherit; }
details ul { padding-left: 1.2rem; margin-top: 0.3rem; max-width: 46em; }
.settings { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); gap: 0.9rem 1.5rem; margin-top: 1rem; font-size: 0.9rem; }
.settings dt { color: var(--soft); font-size: 0.8125rem; }
.settings dd { overflow-wrap: anywhere; }
@media print { details { display: none; } .charts figure, .timeline > li { break-inside: avoid; } }
`;
