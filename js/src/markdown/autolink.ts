/** GitHub's bare addresses: https://…, www.… and mail addresses in running text become links. */
import { Node } from "commonmark";

const ADDRESS = /(?<![\w/@.+-])(?:(?:https?:\/\/|www\.)[^\s<]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/giu;
const DOMAIN = /^(?:https?:\/\/)?(?:[\w-]+\.)*[\w-]+\.?(?::\d+)?(?=[/?#]|$)/i;
const QUICK = /https?:\/\/|www\.|@/i;

/** Splits the text nodes below `parent`; what is in a link already stays. */
export function linkAddresses(parent: Node): void {
  for (let node = parent._firstChild; node; node = node._next) {
    if (node.type === "text") node = splitText(node);
    else if (node.type !== "link" && node._firstChild) linkAddresses(node);
  }
}

/** Joins the text nodes from `first` on; a bare address may be spread over several. */
export function joinTexts(parent: Node): void {
  for (let node = parent._firstChild; node; node = node._next) {
    if (node.type !== "text") {
      if (node._firstChild) joinTexts(node);
      continue;
    }
    let literal = node._literal ?? "";
    for (let next = node._next; next?.type === "text"; next = node._next) {
      literal += next._literal ?? "";
      next.unlink();
    }
    node._literal = literal;
  }
}

function splitText(node: Node): Node {
  const text = node._literal ?? "";
  if (!QUICK.test(text)) return node;
  let last = node;
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimAddress(match[0]);
    if (!isAddress(match[0], address)) continue;
    if (last === node) node._literal = text.slice(0, match.index);
    else last = after(last, textNode(text.slice(from, match.index)));
    last = after(last, linkNode(address));
    from = match.index + address.length;
  }
  return last === node ? node : after(last, textNode(text.slice(from)));
}

function after(node: Node, added: Node): Node {
  node.insertAfter(added);
  return added;
}

export function textNode(text: string): Node {
  const node = new Node("text");
  node._literal = text;
  return node;
}

function linkNode(address: string): Node {
  const node = new Node("link");
  const scheme = address.includes("@") && !/^(?:https?:|www\.)/i.test(address) ? "mailto:" : "";
  node._destination = (/^www\./i.test(address) ? "http://" : scheme) + encode(address);
  node._title = "";
  node.appendChild(textNode(address));
  return node;
}

function encode(address: string): string {
  return address.replace(/[^\x21-\x7e]|["`\\^{|}]/gu, (character) =>
    // A lone half of a surrogate pair cannot be encoded.
    /\p{Cs}/u.test(character) ? "%EF%BF%BD" : encodeURIComponent(character),
  );
}

/** Punctuation at the end belongs to the sentence; a closing parenthesis to one that opened before. */
function trimAddress(text: string): string {
  let address = text;
  for (;;) {
    const end = /(?:[?!.,:*_~'"]+|&\w+;)$/.exec(address);
    if (end) address = address.slice(0, end.index);
    else if (address.endsWith(")") && count(address, ")") > count(address, "("))
      address = address.slice(0, -1);
    else return address;
  }
}

const count = (text: string, character: string) => text.split(character).length - 1;

function isAddress(found: string, address: string): boolean {
  if (/^(?:https?:\/\/|www\.)/i.test(address)) {
    const domain = DOMAIN.exec(address)?.[0].replace(/^https?:\/\//i, "");
    return domain !== undefined && !/_[^.]*(?:\.[^.]*)?$/.test(domain);
  }
  return /[^-_]$/.test(found) && address.includes("@");
}
