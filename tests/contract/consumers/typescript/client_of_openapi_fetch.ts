// The round trip with openapi-fetch and the types of openapi-typescript.

import { articleOf, idsOf, reportOf, WIKIDATA, type RoundTrip } from "./round_trip.js";
import { claims, parseResponse, readPages, tracker, type Page } from "./tracker.js";

export function openapiFetch(root: string, key: string): RoundTrip {
  const client = tracker(root, key);
  return {
    async create(article, report) {
      const params = (id: string) => ({ header: { "Idempotency-Key": id } });
      parseResponse(await client.POST("/v1/articles", { params: params(article), body: articleOf(article) }));
      const body = reportOf(report, article);
      return parseResponse(await client.POST("/v1/casualty-reports", { params: params(report), body })).id;
    },
    async read(report) {
      const result = await client.GET("/v1/casualty-reports/{id}", { params: { path: { id: report } } });
      return { count: parseResponse(result).count, tag: result.response.headers.get("ETag") ?? "" };
    },
    async patch(report, tag) {
      const params = { path: { id: report }, header: { "If-Match": tag } };
      const body = { same_as: [WIKIDATA] };
      return parseResponse(await client.PATCH("/v1/casualty-reports/{id}", { params, body })).same_as;
    },
    async list(article) {
      const params = { query: { article_id: [article], fields: ["harm" as const, "count" as const] } };
      const page = parseResponse(await client.GET("/v1/casualty-reports", { params }));
      const reports = await readPages(page as Page<{ id: string }>);
      return { reports: reports.map(({ id }) => id), types: (await claims(client, article)).map(({ type }) => type) };
    },
    async import(article) {
      const params = { header: { "Idempotency-Key": article } };
      const body = { records: [{ ...articleOf(article), type: "article" as const }] };
      return parseResponse(await client.POST("/v1/imports", { params, body })).counts.created;
    },
    async export(article) {
      const params = { query: { article_id: [article] } };
      return idsOf(parseResponse(await client.GET("/v1/casualty-reports/export", { params, parseAs: "text" })));
    },
  };
}
