// The round trip with orval's client, whose transport is orval_fetch.ts.

import {
  createArticle,
  createCasualtyReport,
  exportCasualtyReports,
  getCasualtyReport,
  importRecords,
  listArticleClaims,
  listCasualtyReports,
  patchCasualtyReport,
  type Claim,
} from "./generated/orval.js";
import { articleOf, idsOf, reportOf, WIKIDATA, type RoundTrip } from "./round_trip.js";
import { readPages, type Page } from "./tracker.js";

export function orval(): RoundTrip {
  return {
    async create(article, report) {
      const init = (id: string) => ({ headers: { "Idempotency-Key": id } });
      expect(await createArticle(articleOf(article), undefined, init(article)), 201);
      return expect(await createCasualtyReport(reportOf(report, article), undefined, init(report)), 201).data.id;
    },
    async read(report) {
      const { data, headers } = expect(await getCasualtyReport(report), 200);
      return { count: data.count, tag: headers.get("ETag") ?? "" };
    },
    async patch(report, tag) {
      const init = { headers: { "If-Match": tag } };
      return expect(await patchCasualtyReport(report, { same_as: [WIKIDATA] }, undefined, init), 200).data.same_as;
    },
    async list(article) {
      const params = { article_id: [article], fields: ["harm" as const, "count" as const] };
      const reports = expect(await listCasualtyReports(params), 200).data as Page<{ id: string }>;
      const claims = expect(await listArticleClaims(article), 200).data as Page<Claim>;
      return {
        reports: (await readPages(reports)).map(({ id }) => id),
        types: (await readPages(claims)).map(({ type }) => type),
      };
    },
    async import(article) {
      const body = { records: [{ ...articleOf(article), type: "article" as const }] };
      const init = { headers: { "Idempotency-Key": article } };
      return expect(await importRecords(body, undefined, init), 200).data.counts.created;
    },
    async export(article) {
      const response = expect(await exportCasualtyReports({ article_id: [article] }), 200);
      if (!("stream" in response)) throw new Error("The export is not NDJSON.");
      return idsOf(await response.stream.text());
    },
  };
}

/** Return a response with a status. Throw an error for another status. */
function expect<Response extends { status: number }, Status extends Response["status"]>(
  response: Response,
  status: Status,
): Extract<Response, { status: Status }> {
  if (response.status !== status) throw new Error(JSON.stringify(response));
  return response as Extract<Response, { status: Status }>;
}
