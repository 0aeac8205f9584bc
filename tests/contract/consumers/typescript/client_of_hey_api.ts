// The round trip with the client of @hey-api/openapi-ts.

import { createClient } from "./generated/hey-api/client/index.js";
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
} from "./generated/hey-api/index.js";
import { patient } from "./patience.js";
import { articleOf, idsOf, reportOf, WIKIDATA, type RoundTrip } from "./round_trip.js";
import { readPages, type Page } from "./tracker.js";

export function heyApi(root: string, key: string): RoundTrip {
  const client = createClient({ baseUrl: root, auth: key, fetch: (request) => patient(new Request(request)) });
  const common = { client, throwOnError: true } as const;
  return {
    async create(article, report) {
      const headers = (id: string) => ({ "Idempotency-Key": id });
      await createArticle({ ...common, headers: headers(article), body: articleOf(article) });
      const options = { headers: headers(report), body: reportOf(report, article) };
      return (await createCasualtyReport({ ...common, ...options })).data.id;
    },
    async read(report) {
      const { data, response } = await getCasualtyReport({ ...common, path: { id: report } });
      return { count: data.count, tag: response.headers.get("ETag") ?? "" };
    },
    async patch(report, tag) {
      const options = { path: { id: report }, headers: { "If-Match": tag }, body: { same_as: [WIKIDATA] } };
      return (await patchCasualtyReport({ ...common, ...options })).data.same_as;
    },
    async list(article) {
      const query = { article_id: [article], fields: ["harm" as const, "count" as const] };
      const reports = (await listCasualtyReports({ ...common, query })).data as Page<{ id: string }>;
      const claims = (await listArticleClaims({ ...common, path: { id: article } })).data as Page<Claim>;
      return {
        reports: (await readPages(reports)).map(({ id }) => id),
        types: (await readPages(claims)).map(({ type }) => type),
      };
    },
    async import(article) {
      const body = { records: [{ ...articleOf(article), type: "article" as const }] };
      return (await importRecords({ ...common, headers: { "Idempotency-Key": article }, body })).data.counts.created;
    },
    async export(article) {
      const query = { article_id: [article] };
      return idsOf((await exportCasualtyReports({ ...common, query, parseAs: "text" })).data);
    },
  };
}
