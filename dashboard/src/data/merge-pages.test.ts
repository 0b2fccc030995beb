import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Page } from "millrace/http";
import { appendPage, keepItems, renewFirstPage } from "./merge-pages.ts";

interface Item {
  readonly id: string;
}

function page(ids: string, next: string | null, total = 9): Page<Item> {
  return { items: ids.split("").map((id) => ({ id })), next, total };
}

function idsOf({ items }: Page<Item>): string {
  return items.map(({ id }) => id).join("");
}

describe("a list read page by page", () => {
  it("grows by the following page without repeating an item", () => {
    const list = appendPage(page("abc", "c"), page("cde", "e"));
    assert.equal(idsOf(list), "abcde");
    assert.equal(list.next, "e");
  });

  it("keeps the pages that were loaded when new items arrive at the top", () => {
    const list = renewFirstPage(page("defghi", "i"), page("bcd", "d", 11));
    assert.equal(idsOf(list), "bcdefghi");
    assert.equal(list.next, "i");
    assert.equal(list.total, 11);
  });

  it("drops items that left the list", () => {
    assert.equal(idsOf(renewFirstPage(page("abcdef", "f"), page("acd", "d"))), "acdef");
    assert.equal(idsOf(renewFirstPage(page("abc", null), page("ac", null))), "ac");
  });

  it("starts again when so much is new that there may be a hole", () => {
    assert.equal(idsOf(renewFirstPage(page("ghi", "i"), page("abc", "c"))), "abc");
  });

  it("keeps what somebody is at work on where it stood, though the list no longer has it", () => {
    const kept = new Set(["a", "d"]);
    assert.equal(idsOf(keepItems(page("abcdef", null), page("bcxef", null), kept)), "abcdxef");
    assert.equal(idsOf(keepItems(page("abcd", null), page("", null), kept)), "ad");
    assert.equal(idsOf(keepItems(page("abcd", null), page("dcba", null), kept)), "dcba");
  });

  it("never shows an item twice", () => {
    const ids = fc
      .uniqueArray(fc.constantFrom(..."abcdefghijkl".split("")), { minLength: 1 })
      .map((list) => list.join(""));
    fc.assert(
      fc.property(ids, ids, (known, fresh) => {
        const shown = idsOf(renewFirstPage(page(known, "k"), page(fresh, "f")));
        assert.equal(new Set(shown).size, shown.length);
        assert.ok(shown.startsWith(fresh));
      }),
    );
  });
});
