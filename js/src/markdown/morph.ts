/** Brings live nodes to a new state with the fewest changes, so that a growing text keeps selection. */

/** Makes the children of `target` equal to those of `source`; takes nodes out of `source`. */
export function morph(target: ParentNode & Node, source: Node): void {
  morphNodes(target, [...target.childNodes], [...source.childNodes], null);
}

/**
 * Makes `present`, which stand side by side in `parent`, equal to `wanted`; what is new at the end
 * comes before `before`. Returns the nodes that are there now.
 */
export function morphNodes(
  parent: Node,
  present: readonly ChildNode[],
  wanted: readonly ChildNode[],
  before: ChildNode | null,
): ChildNode[] {
  const nodes = wanted.map((node, index) => {
    const old = present[index];
    if (old !== undefined) return morphNode(parent, old, node);
    parent.insertBefore(node, before);
    return node;
  });
  for (const node of present.slice(wanted.length)) node.remove();
  return nodes;
}

function morphNode(parent: Node, present: ChildNode, wanted: ChildNode): ChildNode {
  if (present.isEqualNode(wanted)) return present;
  if (present instanceof Text && wanted instanceof Text) {
    setText(present, wanted.data);
    return present;
  }
  if (sameShell(present, wanted)) {
    morph(present, wanted);
    return present;
  }
  parent.replaceChild(wanted, present);
  return wanted;
}

/** Appends where it can: the browser then lays out the end only, and a selection stays. */
export function setText(node: Text, text: string): void {
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

function sameShell(present: ChildNode, wanted: ChildNode): present is ChildNode & Element {
  if (!(present instanceof Element) || !(wanted instanceof Element)) return false;
  return present.cloneNode(false).isEqualNode(wanted.cloneNode(false));
}
