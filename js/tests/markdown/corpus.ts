/** Markdown as models write it, and as it hurts. */
export const CORPUS: Record<string, string> = {
  paragraphs: "One *two* **three**\nsame paragraph\n\nAnother, with `code` and ~~struck~~.\n",
  headings: "# One\n\nText\n## Two ##\nSetext\n===\n\nOther\n---\nend",
  lists: "- a\n- b\n  - c\n\n    para in c\n- d\n\n1. one\n2. two\n\n   more\n3. three\n\ntext",
  loose: "* a\n\n* b\n\n\n* c\n\nafter\n\n10. ten\n11. eleven",
  tasks: "- [ ] open\n- [x] shut\n\n- plain",
  fences:
    "Before\n```python\ndef f():\n    return `x`\n\n\n# not a heading\n```\nafter\n\n~~~\ntilde ``` inside\n~~~\n",
  nestedFence: "- item\n  ```py\n  x = 1\n  ```\n- next\n\n````md\n```\ninner\n```\n````\n",
  openFence: "text\n\n```js\nlet a = 1;\n// never closed",
  tables:
    "| a | b |\n|---|---:|\n| 1 | **2** |\n| `x|y` | 3 |\n\nafter\n\nh1 | h2\n--- | ---\nc | d\n",
  notTable: "| just | pipes |\n\nand | more\n",
  quotes: "> quote\n> more\nlazy\n\n> - list in quote\n>\n> ```\n> code\n> ```\n",
  links:
    '[text](https://example.com/a_b_(c) "title") <https://x.org> https://auto.link/x?y=1&z=2 ![alt](https://i.org/p.png)',
  references:
    "See [this][one] and [two].\n\nMore [one] text.\n\n[one]: https://one.example\n[two]: https://two.example 'T'\n",
  html: 'a <b>bold</b> <span title="x">s</span>\n\n<div>\n*not emphasised*\n</div>\n\n<!-- note -->\n\ntext',
  details: "<details><summary>More</summary>\n\nInside **bold**\n\n- x\n\n</details>\n\nafter",
  rules: "a\n\n---\n\n***\n\n_ _ _\n\nb",
  escapes: "\\*not\\* \\`no\\` &amp; &copy; 3 < 4 > 2 \\\\ end\\",
  emphasis: "***both*** **bold *in* it** _under_ snake_case_name **a*b*c** 2 * 3 * 4 __x__",
  code: "``a ` b`` `c` and ` d ` unmatched ` here",
  indented: "para\n\n    code\n\n    more\n\npara",
  breaks: "line  \nbreak\\\nhard\n\r\nwindows\r\nlines\r\n",
  unicode: "Ünïcödé — 漢字 **太字** 🚗🚙 العربية `نص`\n\n- 一\n- 二",
  maths: "Price $5 and $6, $x_1 + x_2$ and $$\\sum_i x_i$$.",
  long: `${"word ".repeat(200)}\n\n${"- item with **bold**\n".repeat(30)}`,
};
