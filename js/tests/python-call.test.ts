/**
 * A call as Python. What these give is written to a file that pytest reads with Python's own
 * parser (tests/test_python_calls.py): `npx vitest run -u` writes it anew.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pythonCall } from "../src/python-call";

const BY_HAND: [string, string][] = [
  ["summary", '{"column": "mpg"}'],
  ["plot", '{"x": 1, "y": -2.50, "big": 12345678901234567890, "ok": true, "no": null}'],
  ["plot", '{"rows": [1, [2, {"a b": false}]], "style": {}}'],
  ["my-tool.v2", "{}"],
  ["2fast", ""],
  ["class", '{"class": 1, "lambda": 2, "__debug__": 3, "x": 4}'],
  ["outer_1/inner", '{"größe": 1, "ﬁt": 2, "µ": 3, "a-b": 4, "": 5, "名": 6}'],
  ["f", '{"a": 1, "a": 2}'],
  ["f", '{"quotes": "both \' and \\"", "single": "it\'s", "double": "say \\"hi\\""}'],
  ["f", '{"path": "C:\\\\new\\\\table", "slash": "a\\/b", "tab": "a\\tb\\u0000\\u00a0\\u2028"}'],
  ["f", '{"emoji": "😀", "half": "\\ud83d", "other": "\\ude00x", "whole": "\\ud83d\\ude00"}'],
  ["run", JSON.stringify({ code: 'import re\n\ns = """a"""\nprint(s, "\\n", "")' })],
  ["run", JSON.stringify({ code: 'a\r\nb\\\nends in "', n: 1 })],
  ["run", JSON.stringify({ code: 'a\nends in \\"' })],
  ["run", JSON.stringify({ nested: { code: 'x = 1\ny = """"\n' }, "not a name": "a\nb" })],
  ["query", JSON.stringify({ columns: Array.from({ length: 30 }, (_, i) => `column_${i}`) })],
  ["deep", JSON.stringify({ a: Array.from({ length: 90 }).reduce((inner) => [inner], 1) })],
];

const anything = fc.record({
  name: fc.oneof(fc.constantFrom("summary", "plot_it", "a-b"), fc.string({ maxLength: 8 })),
  values: fc.dictionary(
    fc.oneof(fc.constantFrom("column", "n", "if", "x y"), fc.string({ unit: "binary" })),
    fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }),
  ),
});
const made: [string, string][] = fc
  .sample(anything, { seed: 6, numRuns: 200 })
  .map(({ name, values }) => [name, JSON.stringify(values)]);

describe("pythonCall", () => {
  it("gives what the fixture holds, which Python reads as the same values", async () => {
    const cases = [...BY_HAND, ...made].map(([name, json]) => ({
      name,
      arguments: json,
      call: pythonCall(name, json),
    }));
    const text = `${JSON.stringify(cases, null, 1)}\n`;
    await expect(text).toMatchFileSnapshot("../../tests/fixtures/python_calls.json");
  });

  it("writes a short call on one line, a long one an argument a line", () => {
    expect(pythonCall("summary", '{"column": "mpg", "n": 3}')).toBe('summary(column="mpg", n=3)');
    const long = pythonCall("summary", JSON.stringify({ a: "x".repeat(50), b: "y".repeat(50) }));
    expect(long).toBe(`summary(\n    a="${"x".repeat(50)}",\n    b="${"y".repeat(50)}",\n)`);
  });

  it("keeps the lines of code", () => {
    const call = pythonCall("run", '{"code": "a = 1\\nprint(a)"}');
    expect(call).toBe('run(\n    code="""a = 1\nprint(a)""",\n)');
  });

  it.each(["{", "[1]", '"x"', "nonsense", `{"n": ${"9".repeat(5000)}}`])(
    "gives none for what is no call: %.20s",
    (json) => {
      expect(pythonCall("f", json)).toBeNull();
    },
  );
});
