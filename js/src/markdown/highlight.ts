/** Code to HTML with highlight.js: the languages that turn up beside a notebook, nothing more. */
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import diff from "highlight.js/lib/languages/diff";
import ini from "highlight.js/lib/languages/ini";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import julia from "highlight.js/lib/languages/julia";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const languages = {
  bash,
  diff,
  ini,
  javascript,
  json,
  julia,
  python,
  r,
  sql,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);
hljs.registerAliases(["ipython", "ipython3", "pycon", "python3"], { languageName: "python" });
hljs.registerAliases(["shell", "console"], { languageName: "bash" });

/** Longer code would hold up the page for more than a frame or two. */
const LONGEST = 40_000;

/** Escaped HTML with hljs-* classes, or null when the language is unknown or the code too long. */
export function highlight(code: string, language: string): string | null {
  if (code.length > LONGEST || hljs.getLanguage(language) === undefined) return null;
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
