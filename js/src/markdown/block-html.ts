/** Whole blocks as unsafe HTML, for where they stand inside of raw HTML. */
import type { Node as Block } from "commonmark";
import { extraOf } from "./block-rules";
import { codeOf } from "./code-part";
import { escapeHtml, inlineHtml } from "./html";
import { repairInline } from "./repair";
import type { Slots } from "./slots";
import { splitRow } from "./table";
import { hasGap } from "./unit";
import type { Refreshable, Scope } from "./view";

class Writer {
  readonly #scope: Scope;
  readonly #slots: Slots;
  readonly #part: Refreshable;

  constructor(scope: Scope, slots: Slots, part: Refreshable) {
    this.#scope = scope;
    this.#slots = slots;
    this.#part = part;
  }

  blocks(blocks: readonly Block[], tight = false): string {
    return blocks.map((block) => this.block(block, tight)).join("");
  }

  block(block: Block, tight: boolean): string {
    switch (block.type) {
      case "html_block":
        return `${rawOf(block)}\n`;
      case "paragraph":
        return tight ? this.inlines(block) : `<p>${this.inlines(block)}</p>\n`;
      case "heading":
        return `<h${block._level}>${this.inlines(block)}</h${block._level}>\n`;
      case "thematic_break":
        return "<hr>\n";
      case "code_block":
        return this.code(block);
      case "maths":
        return this.#slots.hold("maths_display", (block._string_content ?? "").trim());
      case "block_quote":
        return `<blockquote>\n${this.blocks(childrenOf(block))}</blockquote>\n`;
      case "list":
        return this.list(block);
      case "table":
        return this.table(block);
      default:
        return "";
    }
  }

  text(text: string): string {
    const { root, missed, notes } = this.#scope.reader.read(text.trim());
    this.#scope.await(missed, this.#part);
    this.#scope.notes.used(notes, this.#part);
    return inlineHtml(root, this.#slots).text;
  }

  inlines(block: Block): string {
    const text = (block._string_content ?? "").trim();
    return this.text(block._open ? repairInline(text) : text);
  }

  code(block: Block): string {
    const { language, text } = codeOf(block);
    const name = language ? ` class="language-${escapeHtml(language)}"` : "";
    return `<pre><code${name}>${escapeHtml(text)}</code></pre>\n`;
  }

  list(block: Block): string {
    const items = childrenOf(block);
    const loose = items.some((item) => hasGap(item) || childrenOf(item).some(hasGap));
    const tag = block._listData.type === "bullet" ? "ul" : "ol";
    const start = block._listData.start ?? 1;
    const number = tag === "ol" && start !== 1 ? ` start="${start}"` : "";
    const rows = items.map((item) => `<li>${this.blocks(childrenOf(item), !loose)}</li>\n`);
    return `<${tag}${number}>\n${rows.join("")}</${tag}>\n`;
  }

  table(block: Block): string {
    const aligns = extraOf(block).aligns ?? [];
    const rows = childrenOf(block).map((row, index) => {
      const tag = index === 0 ? "th" : "td";
      const texts = splitRow(row._string_content ?? "");
      const cells = aligns.map((align, column) => {
        const name = align ? ` align="${align}"` : "";
        return `<${tag}${name}>${this.text(texts[column] ?? "")}</${tag}>`;
      });
      return `<tr>${cells.join("")}</tr>`;
    });
    const [head = "", ...body] = rows;
    return `<table><thead>${head}</thead><tbody>${body.join("")}</tbody></table>\n`;
  }
}

export function blockHtml(
  blocks: readonly Block[],
  scope: Scope,
  slots: Slots,
  part: Refreshable,
): string {
  return new Writer(scope, slots, part).blocks(blocks);
}

function rawOf(block: Block): string {
  const html = block._literal ?? (block._string_content ?? "").replace(/\n$/, "");
  // A tag that is not whole yet would swallow what follows.
  return block._open ? html.replace(/<[^<>]*$/, "") : html;
}

function childrenOf(block: Block): Block[] {
  const children: Block[] = [];
  for (let child = block._firstChild; child; child = child._next) children.push(child);
  return children;
}
