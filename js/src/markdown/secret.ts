/** The mark on what we put into HTML ourselves: drawn anew for each page, so that no text can know it. */

export const SLOT = "data-nbagent-slot";
export const SECRET = Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) =>
  part.toString(36),
).join("");

export const isOwnSlot = (value: string) => value.startsWith(`${SECRET}:`);
