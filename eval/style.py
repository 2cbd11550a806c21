"""The report's style sheet. System fonts, two schemes, one accent; nothing is fetched."""

STYLE = """
:root { color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2226; --soft: #5c656c; --line: #e2dfd7; --grid: #eceae3;
  --product: #0b6e69; --baseline: #b3722a; --good: #1f7a4d; --bad: #b3362b; --meh: #8a6414; --tint: #eef5f3; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14181a; --card: #1c2124; --ink: #e7e9e8; --soft: #9ba5a9; --line: #30373b; --grid: #2a3033;
  --product: #4fc3b5; --baseline: #e0a458; --good: #6cc99a; --bad: #f08a7f; --meh: #d9b45f; --tint: #1d2c2b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 2.5rem 1.5rem 5rem; }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -.02em; margin: .15rem 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; letter-spacing: -.01em; margin: 3.2rem 0 .3rem; }
h3 { font-size: .8rem; font-weight: 600; color: var(--soft); margin: 1.2rem 0 .35rem; }
p { margin: .3rem 0; max-width: 68ch; } .soft, small { color: var(--soft); } small { font-size: .82rem; }
.eyebrow { color: var(--product); font-weight: 600; margin: 0; }
.num { font-variant-numeric: tabular-nums; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: .8rem; margin: 1.8rem 0 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1rem .8rem; }
.tile b { display: block; font-size: 1.9rem; font-weight: 650; letter-spacing: -.02em; line-height: 1.2; }
.tile span { display: block; font-size: .86rem; line-height: 1.35; } .tile small { display: block; margin-top: .35rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .85rem; color: var(--soft);
  margin: .4rem 0 .8rem; }
.legend i { display: inline-block; width: .65rem; height: .65rem; border-radius: 50%; margin-right: .4rem; }
i.product { background: var(--product); } i.baseline { background: var(--baseline); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th { text-align: left; font-weight: 600; font-size: .8rem; color: var(--soft); padding: .35rem .7rem .35rem 0;
  vertical-align: bottom; }
td { padding: .36rem .7rem .36rem 0; border-top: 1px solid var(--line); vertical-align: middle; }
td.num, th.num { text-align: right; white-space: nowrap; } td.num small { display: block; line-height: 1.2; }
tr.group th { padding-top: 1.5rem; color: var(--ink); font-size: .95rem; }
td.plotcell, th.plotcell { width: 30%; min-width: 120px; padding-left: 1.2rem; padding-right: 1.2rem; }
svg { display: block; } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.plot { width: 100%; height: auto; } .grid { stroke: var(--grid); } .axis { stroke: var(--line); }
.span { stroke-width: 3; stroke-linecap: round; opacity: .45; } .curve { fill: none; stroke-width: 2; }
.span.product, .curve.product { stroke: var(--product); } .span.baseline, .curve.baseline { stroke: var(--baseline); }
.dot.product, .bar.product { fill: var(--product); } .dot.baseline, .bar.baseline { fill: var(--baseline); }
details.terms { margin-top: 1.2rem; } details.terms summary { display: list-item; list-style: disclosure-closed inside;
  padding: 0; color: var(--product); font-size: .92rem; }
details.terms[open] summary { list-style-type: disclosure-open; }
dl { display: grid; grid-template-columns: 14rem 1fr; gap: .4rem 1.2rem; font-size: .9rem; max-width: 50rem; }
dt { font-weight: 600; } dd { margin: 0; color: var(--soft); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: .8rem 2.5rem; }
figure { margin: 1rem 0 0; min-width: 0; max-width: 560px; }
figcaption { margin-bottom: .6rem; } figcaption b { display: block; }
.filters { display: flex; flex-wrap: wrap; gap: .4rem; margin: .9rem 0 1rem; }
.filters label { border: 1px solid var(--line); background: var(--card); border-radius: 999px; padding: .2rem .8rem;
  font-size: .86rem; cursor: pointer; }
.filters input { position: absolute; opacity: 0; pointer-events: none; }
.filters label:has(:checked) { background: var(--ink); border-color: var(--ink); color: var(--paper); }
.filters label:has(:focus-visible) { outline: 2px solid var(--product); outline-offset: 2px; }
details.q { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: .45rem 0; }
details.q[open] { border-color: var(--soft); }
summary { cursor: pointer; padding: .6rem 1rem; display: grid; gap: 0 .9rem; align-items: baseline;
  grid-template-columns: 7.2rem 1fr auto; list-style: none; }
summary::-webkit-details-marker { display: none; } summary .ask { overflow-wrap: anywhere; }
summary:focus-visible { outline: 2px solid var(--product); border-radius: 10px; }
.verdict { font-size: .82rem; font-weight: 600; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .meh { color: var(--meh); }
.body { padding: 0 1rem 1rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 0 2.2rem; }
.columns > div { min-width: 0; }
.answer p { margin: .25rem 0; } sup { color: var(--product); font-weight: 600; margin-left: .1rem; }
.answer.empty { color: var(--soft); font-style: italic; }
blockquote { margin: .5rem 0; padding: .45rem .8rem; background: var(--tint); border-radius: 8px; font-size: .92rem; }
blockquote small { display: block; margin-top: .15rem; }
ul.plain { list-style: none; padding: 0; margin: .2rem 0; font-size: .92rem; } ul.plain li { margin: .25rem 0; }
code { font: .86em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
ol.passages { margin: .2rem 0; padding-left: 1.6rem; font-size: .86rem; color: var(--soft); }
ol.passages .hit { color: var(--good); font-weight: 600; }
.turn { font-size: .9rem; color: var(--soft); }
@media (max-width: 560px) { main { padding: 1.5rem 1rem 4rem; } h1 { font-size: 1.6rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: .6rem; }
  .tile:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .tile { padding: .7rem .8rem; } .tile b { font-size: 1.5rem; }
  summary { grid-template-columns: 1fr auto; padding: .6rem .8rem; } summary .ask { grid-column: 1 / -1; }
  table.measures td.plotcell, table.measures th.plotcell, .wide { display: none; } td, th { padding-right: .5rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
  .body { padding: 0 .8rem .8rem; } }
@media print { details.q { break-inside: avoid; } .filters { display: none; } }
"""
