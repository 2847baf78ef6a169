// @vitest-environment node
/** Numbers as they are read: commas between thousands, and nowhere else. */
import { expect, it } from "vitest";
import { counted } from "../src/numbers";

it.each([0, 12, 999, 1000, 12_345, 1_000_000, 987_654_321])(
  "writes %d as a browser does",
  (number) => {
    expect(counted(number)).toBe(number.toLocaleString("en"));
  },
);
