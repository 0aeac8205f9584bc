// The mock to test against. MOCK_URL has its URL.

import assert from "node:assert/strict";

const { MOCK_URL: root = "" } = process.env;

/** Restore the seed, and empty the report. */
export async function resetMock(): Promise<void> {
  await fetch(`${root}/_contract/reset`, { method: "POST" });
}

/** Fail if a request or a response violated the contract. */
export async function checkMock(): Promise<void> {
  const report = (await (await fetch(`${root}/_contract/report`)).json()) as { exchanges: number; broken: unknown[] };
  assert.ok(report.exchanges > 0);
  assert.deepEqual(report.broken, []);
}
