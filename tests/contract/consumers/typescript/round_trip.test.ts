// Each generated client makes the round trip against the mock. The tests pass with and without chaos.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { heyApi } from "./client_of_hey_api.js";
import { openapiFetch } from "./client_of_openapi_fetch.js";
import { orval } from "./client_of_orval.js";
import { checkMock, resetMock } from "./mock.js";
import { WIKIDATA } from "./round_trip.js";

const { MOCK_URL: root = "", MOCK_KEY: key = "" } = process.env;
const CLIENTS = { "openapi-fetch": openapiFetch(root, key), orval: orval(), "hey-api": heyApi(root, key) };

before(resetMock);
after(checkMock);

describe("a record makes a round trip", { concurrency: true }, () => {
  for (const [name, client] of Object.entries(CLIENTS)) {
    test(`with ${name}`, async () => {
      const [article, report] = [`article-of-${name}`, `report-of-${name}`];
      assert.equal(await client.create(article, report), report);

      const { count, tag } = await client.read(report);
      assert.equal(count, 3);
      assert.deepEqual(await client.patch(report, tag), [WIKIDATA]);
      assert.notEqual((await client.read(report)).tag, tag);

      // With chaos, a list ends with one more record.
      const { reports, types } = await client.list(article);
      assert.equal(reports[0], report);
      assert.equal(types[0], "casualty_report");
      assert.equal((await client.export(article))[0], report);

      assert.equal(await client.import(`imported-with-${name}`), 1);
    });
  }
});
