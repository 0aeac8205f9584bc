// A casualty tracker: what each side says, a line a claim; and a report put on record.
//
// It does what the promise at /contract advises: it goes on to the last page, waits where it is told to, and shows the
// words and kinds of claims that it does not know as they are.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./contract.js";
import { patient } from "./patience.js";

type Schemas = components["schemas"];
export type Claim = Schemas["Claim"];
export type CasualtyReport = Schemas["CasualtyReport"];
export type Tracker = Client<paths>;
// A list answers with whole records, unless it was asked for some fields: the type of its answer has both.
interface Page<Record> {
  data: Record[];
  page: Schemas["PageInfo"];
}

// How a figure is worded. Words that are not here will come.
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

/** What was asked for was not done; `code` says why, and stays the same. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(`${status} ${code}: ${detail}`);
  }
}

/** Who reads needs no key. */
export function tracker(root: string, key?: string): Tracker {
  return createClient<paths>({
    baseUrl: root,
    fetch: patient,
    ...(key && { headers: { Authorization: `Bearer ${key}` } }),
  });
}

/** All reports, or those of a conflict. */
export async function reports(client: Tracker, conflict?: string): Promise<CasualtyReport[]> {
  const answer = await client.GET("/v1/casualty-reports", {
    params: { query: { conflict: conflict === undefined ? undefined : [conflict] } },
  });
  return walked(told(answer) as Page<CasualtyReport>);
}

/** What an article puts on record, in reading order. */
export async function claims(client: Tracker, id: string): Promise<Claim[]> {
  const answer = await client.GET("/v1/articles/{id}/claims", { params: { path: { id } } });
  return walked(told(answer) as Page<Claim>);
}

/** Put a report on record, once, however often it has to be sent. */
export async function putOnRecord(
  client: Tracker,
  report: Schemas["CasualtyReportInput"],
  idempotencyKey: string,
): Promise<CasualtyReport> {
  return told(
    await client.POST("/v1/casualty-reports", {
      params: { header: { "Idempotency-Key": idempotencyKey } },
      body: report,
    }),
  );
}

/** A claim in a line: always who says it, and of a kind that is not known what all kinds have. */
export function line(claim: Claim): string {
  const who = claim.claimant.name;
  switch (claim.type) {
    case "casualty_report": {
      const wording = WORDINGS[claim.qualifier]?.(claim) ?? `says ${claim.count} (${claim.qualifier})`;
      return `${who} ${wording} ${claim.harm}`;
    }
    case "quote":
      return `${who} says: ${claim.text}`;
    // Among others, the kinds to come. The type has a word for them that none of them will have, so no `case` names it.
    default:
      return `${who}, ${claim.type}: ${claim.evidence[0]?.exact}`;
  }
}

/** The records of a page and of those after it. Their addresses are followed as they come. */
async function walked<Record>(page: Page<Record>): Promise<Record[]> {
  const records = [...page.data];
  while (page.page.next) {
    const answer = await patient(new Request(page.page.next));
    if (!answer.ok) throw new Refused(answer.status, "unknown", await answer.text());
    page = (await answer.json()) as Page<Record>;
    records.push(...page.data);
  }
  return records;
}

/** What was answered, where it was done. A status that nobody has heard of is a refusal too. */
export function told<Data>(answer: { data?: Data; error?: unknown; response: Response }): Data {
  if (answer.data !== undefined) return answer.data;
  const { code = "unknown", detail = "" } = (answer.error ?? {}) as Partial<Schemas["Problem"]>;
  throw new Refused(answer.response.status, code, detail);
}
