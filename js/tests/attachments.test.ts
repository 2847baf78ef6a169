// @vitest-environment node
// (jsdom's files cannot be read.)
/** What can be attached, how it travels, and what is kept of what was written. */
import { describe, expect, it, vi } from "vitest";
import { type Attached, fitting, inspect, Refused, unseen } from "../src/attachments";
import { type Draft, Drafts } from "../src/drafts";
import { Outbox } from "../src/outbox";
import type { Command } from "../src/wire";

const file = (name: string, content: BlobPart, type = "") => new File([content], name, { type });
const bytes = (...values: number[]) => new Uint8Array(values);
const attached = (name: string, size: number, kind: Attached["kind"] = "text"): Attached => ({
  id: name,
  name,
  size,
  kind,
  type: "",
  blob: new Blob(["x".repeat(size % 1000)]),
});
const refused = async (which: File) => {
  const problem = await inspect(which).catch((error) => error);
  expect(problem).toBeInstanceOf(Refused);
  return (problem as Refused).message;
};

describe("what can be attached", () => {
  it("is told by the content, not by the name or by what the browser says", async () => {
    const png = await inspect(file("a.txt", bytes(0x89, 0x50, 0x4e, 0x47, 1), "text/plain"));
    expect([png.kind, png.type, png.size]).toEqual(["image", "image/png", 5]);
    const webp = await inspect(file("a", "RIFF....WEBPVP8 "));
    expect(webp.type).toBe("image/webp");
    expect((await inspect(file("a", "%PDF-1.7"))).kind).toBe("document");
    expect((await inspect(file("a.CSV", "a,b"))).kind).toBe("table");
    expect((await inspect(file("a.xyz", "words"))).kind).toBe("text");
    expect(await refused(file("a.csv", bytes(80, 75, 3, 4, 0)))).toContain("neither an image");
    expect(await refused(file("a.txt", bytes(0xff, 0xfe)))).toContain("nor text");
    expect(await refused(file("a.txt", ""))).toContain("is empty");
  });

  it("may be cut inside of a letter where only its beginning is looked at", async () => {
    const { kind } = await inspect(file("a.txt", `${"a".repeat(65_535)}ä and more`));
    expect(kind).toBe("text");
  });

  it("is limited: each, together, in number", async () => {
    expect(await refused(file("a.csv", "a".repeat(10_000_001)))).toContain("has 10 MB; a file may");
    expect(await refused(file("a.py", "a".repeat(1_200_000)))).toContain("has 1.2 MB of text");
    const two = [attached("a", 9e6), attached("b", 9e6)];
    const { files, problems } = fitting(two, [attached("c", 3e6), attached("d", 1e6)]);
    expect(files.map(({ id }) => id)).toEqual(["a", "b", "d"]);
    expect(problems).toEqual(["With “c” it would be 21 MB; a question may have 20 MB."]);
    const many = Array.from({ length: 21 }, (_, index) => attached(`${index}`, 1));
    expect(fitting([], many).problems).toEqual(["“20” is one more than 20 files."]);
  });

  it("is named where the model cannot read it", () => {
    const files = [attached("t", 1), attached("i", 1, "image"), attached("d", 1, "document")];
    expect(unseen(files, "m", { images: true, files: true })).toBe("");
    expect(unseen(files, "m", { images: false, files: true })).toContain("“i”");
    expect(unseen(files, "m", { images: true, files: false })).toContain("“d”");
  });
});

describe("a question", () => {
  const sent: [Command, (readonly ArrayBuffer[])?][] = [];
  const outbox = new Outbox((command, buffers) => {
    sent.push(buffers ? [command, buffers] : [command]);
  });

  it("of words is sent at once and as it is", () => {
    outbox.ask({ text: "a", files: [] }, () => {});
    expect(sent).toEqual([[{ type: "ask", text: "a" }]]);
  });

  it("follows its files, and hears of the answer once", async () => {
    sent.length = 0;
    const heard: unknown[] = [];
    outbox.ask({ text: "a", files: [attached("f", 7)] }, (answer) => heard.push(answer));
    await vi.waitFor(() => expect(sent.map(([{ type }]) => type)).toEqual(["upload", "ask"]));
    expect(sent[0]?.[1]?.[0]?.byteLength).toBe(7);
    const { id = "" } = (sent[1]?.[0] ?? {}) as { id?: string };
    const answer = { answer: id, ok: false, text: "no", asked: false };
    outbox.answered({ ...answer, answer: "another page's" });
    outbox.answered(answer);
    outbox.answered(answer);
    expect(heard).toEqual([{ ok: false, text: "no", asked: false }]);
  });

  it("comes back when a file of it cannot be read any more", async () => {
    sent.length = 0;
    const gone = { arrayBuffer: () => Promise.reject(new Error("gone")) } as unknown as Blob;
    const heard: { text: string }[] = [];
    outbox.ask({ text: "a", files: [{ ...attached("f", 1), blob: gone }] }, (it) => heard.push(it));
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(sent).toEqual([]);
    expect(heard[0]?.text).toContain("cannot be read");
  });
});

describe("drafts", () => {
  const draft = (text: string): Draft => ({ text, files: [], problem: "" });

  it("go to the composer that is there, else to the next one", () => {
    const drafts = new Drafts();
    const got: string[] = [];
    drafts.give(draft("one"));
    const end = drafts.take(({ text }) => got.push(text));
    drafts.give(draft("two"));
    end();
    drafts.keep(draft("three"));
    drafts.keep(draft(" "));
    drafts.take(({ text }) => got.push(text));
    expect(got).toEqual(["one", "two", "three"]);
  });
});
