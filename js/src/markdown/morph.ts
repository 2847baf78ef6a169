/** Brings a live element to a new state with the fewest changes, so that a growing text keeps selection. */

/** Makes the children of `target` equal to those of `source`; takes nodes out of `source`. */
export function morph(target: Node, source: Node): void {
  const wanted = [...source.childNodes];
  wanted.forEach((node, index) => {
    const present = target.childNodes[index];
    if (present === undefined) target.appendChild(node);
    else if (!present.isEqualNode(node)) morphNode(target, present, node);
  });
  while (target.childNodes.length > wanted.length) target.lastChild?.remove();
}

function morphNode(parent: Node, present: ChildNode, wanted: ChildNode): void {
  if (present.nodeType === Node.TEXT_NODE && wanted.nodeType === Node.TEXT_NODE) {
    setText(present as Text, wanted.nodeValue ?? "");
  } else if (sameShell(present, wanted)) {
    morph(present, wanted);
  } else {
    parent.replaceChild(wanted, present);
  }
}

/** Appends where it can: the browser then lays out the end only, and a selection stays. */
function setText(node: Text, text: string): void {
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

function sameShell(present: ChildNode, wanted: ChildNode): boolean {
  if (!(present instanceof Element) || !(wanted instanceof Element)) return false;
  return present.cloneNode(false).isEqualNode(wanted.cloneNode(false));
}
