// A casualty tracker: a line for each claim of each side, and a new report.
//
// It follows the advice of the promise at /contract: it reads all pages, waits for the time in `Retry-After`, and shows
// unknown enum values and kinds of claims unchanged.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./generated/contract.js";
import { patient } from "./patience.js";

type Schemas = components["schemas"];
export type Claim = Schemas["Claim"];
export type CasualtyReport = Schemas["CasualtyReport"];
export type Tracker = Client<paths>;
// A list returns whole records, unless the request selects fields. The type of its response has both.
export interface Page<Record> {
  data: Record[];
  page: Schemas["PageInfo"];
}

// The phrase for each qualifier. Later versions may add qualifiers.
const WORDINGS: { [qualifier: string]: (report: CasualtyReport) => string } = {
  exact: ({ count }) => `says ${count}`,
  about: ({ count }) => `says about ${count}`,
  at_least: ({ count }) => `says at least ${count}`,
  more_than: ({ count }) => `says more than ${count}`,
  up_to: ({ count }) => `says up to ${count}`,
  fewer_than: ({ count }) => `says fewer than ${count}`,
  range: ({ low, high }) => `says ${low} to ${high}`,
  vague: ({ wording }) => `says ${wording}`,
  undisclosed: () => "does not say how many",
};

/** An error response. `code` identifies the problem and never changes. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(`${status} ${code}: ${detail}`);
  }
}

/** Return a client. Reading requires no key. */
export function tracker(root: string, key?: string): Tracker {
  return createClient<paths>({
    baseUrl: root,
    fetch: patient,
    ...(key && { headers: { Authorization: `Bearer ${key}` } }),
  });
}

/** Return all reports, or those of a conflict. */
export async function reports(client: Tracker, conflict?: string): Promise<CasualtyReport[]> {
  const response = await client.GET("/v1/casualty-reports", {
    params: { query: { conflict: conflict === undefined ? undefined : [conflict] } },
  });
  return readPages(parseResponse(response) as Page<CasualtyReport>);
}

/** Return the claims of an article in reading order. */
export async function claims(client: Tracker, id: string): Promise<Claim[]> {
  const response = await client.GET("/v1/articles/{id}/claims", { params: { path: { id } } });
  return readPages(parseResponse(response) as Page<Claim>);
}

/** Create a report exactly once, also if the request is retried. */
export async function createReport(
  client: Tracker,
  report: Schemas["CasualtyReportInput"],
  idempotencyKey: string,
): Promise<CasualtyReport> {
  return parseResponse(
    await client.POST("/v1/casualty-reports", {
      params: { header: { "Idempotency-Key": idempotencyKey } },
      body: report,
    }),
  );
}

/** Return whether a claim has one of the kinds of the contract. Later versions may have others. */
function isKnown(claim: Claim): claim is Schemas["KnownClaim"] {
  return ["quote", "ceasefire", "resolution", "casualty_report"].includes(claim.type);
}

/** Return a claim as a line with its claimant. For an unknown kind, use the fields that all kinds have. */
export function line(claim: Claim): string {
  const who = claim.claimant.name;
  const other = `${who}, ${claim.type}: ${claim.evidence[0]?.exact}`;
  if (!isKnown(claim)) return other;
  switch (claim.type) {
    case "casualty_report": {
      const wording = WORDINGS[claim.qualifier]?.(claim) ?? `says ${claim.count} (${claim.qualifier})`;
      return `${who} ${wording} ${claim.harm}`;
    }
    case "quote":
      return `${who} says: ${claim.text}`;
    default:
      return other;
  }
}

/** Return the records of a page and of the pages after it, by following their URLs unchanged. */
export async function readPages<Record>(page: Page<Record>): Promise<Record[]> {
  const records = [...page.data];
  while (page.page.next) {
    const response = await patient(new Request(page.page.next));
    if (!response.ok) throw new ApiError(response.status, "unknown", await response.text());
    page = (await response.json()) as Page<Record>;
    records.push(...page.data);
  }
  return records;
}

/** Return the body of a successful response. Throw ApiError for errors and for unknown statuses. */
export function parseResponse<Data>(result: { data?: Data; error?: unknown; response: Response }): Data {
  if (result.data !== undefined) return result.data;
  const { code = "unknown", detail = "" } = (result.error ?? {}) as Partial<Schemas["Problem"]>;
  throw new ApiError(result.response.status, code, detail);
}
