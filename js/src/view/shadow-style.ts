/** The look of tool-made HTML inside its shadow root: chiefly DataFrames, in both themes. */
export const SHADOW_STYLE = `
:host { display: block; color: var(--nbagent-text); font: 13px/1.5 var(--nbagent-font); }
table { border: 0; border-collapse: separate; border-spacing: 0; margin: 0; font-size: 12.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 12px; text-align: right; white-space: nowrap; border: 0; vertical-align: top; }
thead th { position: sticky; top: 0; z-index: 1; font-weight: 600; background: var(--nbagent-head);
  border-bottom: 1px solid var(--nbagent-line); }
tbody th { font-weight: 500; color: var(--nbagent-muted); text-align: left; }
tbody tr:nth-child(even) { background: var(--nbagent-stripe); }
tbody tr:hover { background: var(--nbagent-hover); }
caption { padding: 4px 12px; color: var(--nbagent-muted); text-align: left; }
img, svg, canvas { max-width: 100%; }
img { height: auto; }
pre, code { font-family: var(--nbagent-mono); font-size: 12.5px; }
a { color: var(--nbagent-accent-text); }
p { margin: 0; padding: 6px 12px; }
table + p { border-top: 1px solid var(--nbagent-line); color: var(--nbagent-muted); font-size: 12px; }
.nbagent-image-load { font: inherit; padding: 6px 10px; border: 1px dashed var(--nbagent-line);
  border-radius: 6px; background: none; color: inherit; cursor: pointer; }
`;
