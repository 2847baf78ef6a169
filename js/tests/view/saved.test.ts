// @vitest-environment jsdom
import { expect, test } from "vitest";
import { hideSaved } from "../../src/view/saved";

test("the static form is hidden as long as any view lives", () => {
  document.body.innerHTML = '<div data-nbagent-of="nbagent-1a">x</div>';
  const form = document.body.firstElementChild as HTMLElement;
  const [first, second] = [new AbortController(), new AbortController()];
  hideSaved("nbagent-1a", document, first.signal);
  hideSaved("nbagent-1a", document, second.signal);
  expect(document.head.querySelectorAll("style")).toHaveLength(2);
  first.abort();
  expect(getComputedStyle(form).display).toBe("none");
  second.abort();
  expect(document.head.querySelectorAll("style")).toHaveLength(0);
});

test("what is no key gets into no style sheet", () => {
  const { signal } = new AbortController();
  for (const key of [undefined, "", 'x"] {} * { display: none } ["', "nbagent-", {}])
    hideSaved(key, document, signal);
  expect(document.head.querySelectorAll("style")).toHaveLength(0);
});
