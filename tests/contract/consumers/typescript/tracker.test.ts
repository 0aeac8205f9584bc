// The tracker against the mock. The tests pass with and without chaos.
// MOCK_URL and MOCK_KEY have the URL and the key of the mock.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { components } from "./generated/contract.js";
import { checkMock, resetMock } from "./mock.js";
import { ApiError, claims, createReport, line, parseResponse, reports, tracker } from "./tracker.js";

const { MOCK_URL: root = "", MOCK_KEY: key = "" } = process.env;
const KNOWN = [
  "the article says more than 1000 killed",
  "Russia says up to 5000 killed",
  "Azerbaijan does not say how many casualties",
  "Azerbaijan says 91 killed",
  "Armenia says 1166 killed",
  "Armenia says 45 killed",
];
const WORDS = "The ministry of Norland said three soldiers were killed";

before(resetMock);
after(checkMock);

// The tests are independent, so they run concurrently.
describe("the tracker", { concurrency: true }, () => {
  test("all reports of a conflict are shown", async () => {
    assert.deepEqual((await reports(tracker(root), "nagorno-karabakh")).map(line), KNOWN);
  });

  test("reports of other conflicts are shown", async () => {
    const lines = (await reports(tracker(root))).map(line);
    assert.deepEqual(lines.slice(0, KNOWN.length), KNOWN);
    for (const text of lines) assert.ok(text.split(" ").length > 2 && !text.includes("undefined"), text);
  });

  test("a created report is stored once", async () => {
    const client = tracker(root, key);
    const article = parseResponse(
      await client.POST("/v1/articles", {
        params: { header: { "Idempotency-Key": "article-1" } },
        body: { headline: "Three soldiers killed (an invented article)", language: "en", text: `${WORDS} on Friday.` },
      }),
    );
    const stored = await createReport(client, report(article.id, 3), "report-1");
    assert.equal((await createReport(client, report(article.id, 3), "report-1")).id, stored.id);

    const read = parseResponse(await client.GET("/v1/casualty-reports/{id}", { params: { path: { id: stored.id } } }));
    assert.deepEqual([read.count, read.low, read.high], [3, 3, 3]);

    const [first, ...others] = (await claims(tracker(root), article.id)).map(line);
    assert.equal(first, "Norland says 3 killed");
    // A claim of a later kind has its claimant and its evidence, too.
    for (const text of others) assert.ok(text.startsWith("Norland, ") && text.endsWith(WORDS), text);
  });

  test("a claim without matching evidence is rejected with its code", async () => {
    await assert.rejects(
      createReport(tracker(root, key), report("karabakh-2020-11-01", 4), "report-2"),
      (error) => error instanceof ApiError && error.code === "not-grounded",
    );
  });
});

function report(article_id: string, count: number): components["schemas"]["CasualtyReportInput"] {
  return {
    article_id,
    claimant: { name: "Norland", kind: "government" },
    harm: "killed",
    population: "combatant",
    qualifier: "exact",
    count,
    evidence: [{ exact: WORDS, start: 0, end: WORDS.length }],
  };
}
