/** Blocks that are one element or one formula: rules, and maths in a block of its own. */
import { extraOf } from "./block-rules";
import { mathsElement } from "./maths";
import type { Part, Pass, Place, Unit } from "./view";

export class RulePart implements Part {
  readonly kind = "thematic_break";
  nodes: ChildNode[] = [];

  update(_unit: Unit, _pass: Pass, { parent, before }: Place): void {
    if (this.nodes.length > 0) return;
    this.nodes = [parent.insertBefore(document.createElement("hr"), before)];
  }
}

export class MathsPart implements Part {
  readonly kind = "maths";
  nodes: ChildNode[] = [];
  #shown: string | null = null;

  update(unit: Unit, _pass: Pass, { parent, before }: Place): void {
    const [block] = unit.blocks;
    const tex = (block._string_content ?? "").trim();
    const ended = extraOf(block).ended === true;
    const key = `${ended} ${tex}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const element = ended ? mathsElement(tex, true) : source(tex);
    const [old] = this.nodes;
    if (old) old.replaceWith(element);
    else parent.insertBefore(element, before);
    this.nodes = [element];
  }
}

/** A formula that is still being written: half of one cannot be set. */
function source(tex: string): HTMLElement {
  const element = document.createElement("span");
  element.className = "nbagent-maths nbagent-maths-display";
  const code = document.createElement("code");
  code.textContent = tex;
  element.append(code);
  return element;
}
